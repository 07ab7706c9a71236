// SPDX-License-Identifier: Apache-2.0
// The map in a real browser. usage: node test/map.mjs URL [SCREENSHOTS]
// URL: a running server with at least one survey that has an orthomosaic, rows and trees. Prints one line per check and,
// last, one JSON line of figures; exit 1 when a check fails.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openBrowser, openMap, until } from './browser.mjs';

const [url, shots] = [(process.argv[2] ?? process.env.CANOPY_URL ?? '').replace(/\/?$/, '/'), process.argv[3]];
if (!url.startsWith('http')) {
  console.error('usage: node test/map.mjs URL [SCREENSHOTS]');
  process.exit(2);
}
if (shots) mkdirSync(shots, { recursive: true });
const shoot = (page, name) => (shots ? page.screenshot({ path: join(shots, `${name}.png`) }) : null);
const figures = {};
let failed = 0;
async function check(name, work) {
  try {
    await work();
    console.log(`ok    ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${name}\n      ${String(error.message).split('\n').slice(0, 6).join('\n      ')}`);
  }
}

const survey = (await (await fetch(`${url}api/v1/surveys`)).json()).surveys[0];
const digits = (text) => Number(text.replace(/[^0-9]/g, ''));
const browser = await openBrowser();
const ranges = [];
const { page, faults } = await openMap(browser, url, { width: 1280, height: 800 }, (opened) =>
  opened.on('response', (response) => {
    if (response.url().includes('/rasters/ortho')) ranges.push({ status: response.status(), bytes: Number(response.headers()['content-length']) });
  }));
figures['map.first_picture_seconds'] = (await page.evaluate(() => window.firstPictureMs)) / 1000;
const settled = async () => {
  await page.waitForTimeout(600);
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
};
const openLayers = () => page.evaluate(() => (document.getElementById('layers').open = true));
const mapPicture = async () => (await page.locator('#map').screenshot()).toString('base64');

await check('the summary has the survey\'s own figures', async () => {
  const values = await page.locator('.figure-value').allTextContents();
  assert.equal(digits(values[0]), survey.tree_count);
  assert.equal(digits(values[1]), survey.missing_tree_count);
  assert.equal(digits(values[2]), survey.dead_tree_count);
  await shoot(page, 'desktop');
});

await check('the orthomosaic is read by byte ranges', async () => {
  assert.ok(ranges.length > 0, 'no request for the orthomosaic');
  assert.ok(ranges.every(({ status }) => status === 206), JSON.stringify(ranges.slice(0, 3)));
  figures['map.ortho_requests'] = ranges.length;
  figures['map.ortho_bytes'] = ranges.reduce((sum, { bytes }) => sum + bytes, 0);
});

await check('each picture and each colouring looks different', async () => {
  await openLayers();
  const seen = new Map();
  for (const name of ['picture', 'colour-by'])
    for (const radio of (await page.locator(`input[name="${name}"]`).all()).reverse()) {
      await radio.check({ force: true });
      await settled();
      const value = `${name} ${await radio.getAttribute('value')}`;
      const picture = await mapPicture();
      for (const [other, bytes] of seen) assert.ok(name !== other.split(' ')[0] || bytes !== picture, `${value} looks like ${other}`);
      seen.set(value, picture);
      await shoot(page, value.replace(' ', '-'));
    }
});

await check('layers can be hidden', async () => {
  const before = await mapPicture();
  await page.getByLabel('Crowns', { exact: true }).uncheck();
  await page.getByLabel('Rows', { exact: true }).check();
  await settled();
  await shoot(page, 'rows');
  assert.notEqual(await mapPicture(), before);
  await page.getByLabel('Crowns', { exact: true }).check();
  await page.getByLabel('Rows', { exact: true }).uncheck();
  await page.evaluate(() => (document.getElementById('layers').open = false));
});

await check('the table filters, and a row leads to its tree on the map', async () => {
  const filter = page.getByLabel('Show');
  const [value, label] = await filter.evaluate((select) => [select.options[1].value, select.options[1].text]);
  await filter.selectOption(value);
  const count = await page.locator('table').getAttribute('aria-rowcount');
  assert.equal(Number(count) - 1, digits(label));
  await filter.selectOption('all');
  await page.locator('tr[data-at="0"]').click();
  await page.locator('#panel').waitFor({ state: 'visible' });
  await settled();
  await shoot(page, 'tree');
  const title = await page.locator('#panel h2').textContent();
  assert.match(title, /Row \d+|Outside|Block \d+/);
  // The map went there: what is now in its middle is the same tree.
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('#panel').isVisible(), false);
  const box = await page.locator('#map').boundingBox();
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  assert.equal(await page.locator('#panel h2').textContent(), title);
});

await check('a column sorts both ways', async () => {
  const area = page.locator('th[data-key="area"] button');
  const first = async () => Number((await page.locator('tr[data-at="0"] td').nth(3).textContent()).replace(/[^0-9.]/g, '') || NaN);
  await area.click();
  assert.equal(await page.locator('th[data-key="area"]').getAttribute('aria-sort'), 'ascending');
  const smallest = await first();
  await area.click();
  assert.ok((await first()) > smallest);
});

await check('all of it works by keyboard', async () => {
  await page.locator('tr[data-at="0"]').focus();
  for (const key of ['ArrowDown', 'ArrowDown', 'End', 'Home', 'PageDown', 'Enter']) await page.keyboard.press(key);
  await page.locator('#panel').waitFor({ state: 'visible' });
  await page.keyboard.press('Escape');
  await page.locator('#map').focus();
  const before = await mapPicture();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('-');
  await until(async () => (await mapPicture()) !== before, 'the map to move', 10);
});

await check('licences of what is bundled are there', async () => {
  const text = await (await fetch(`${url}licences.txt`)).text();
  for (const name of ['ol ', 'proj4 ', 'geotiff ']) assert.ok(text.includes(`\n${name}`), name);
});

await check('a phone shows it all without scrolling sideways', async () => {
  const phone = await openMap(browser, url, { width: 360, height: 740 });
  assert.ok((await phone.page.evaluate(() => document.documentElement.scrollWidth)) <= 360);
  await shoot(phone.page, 'phone');
  await phone.page.evaluate(() => (document.getElementById('layers').open = true));
  await shoot(phone.page, 'phone-layers');
  if (shots) await phone.page.screenshot({ path: join(shots, 'phone-whole.png'), fullPage: true });
  assert.deepEqual(phone.faults, []);
  await phone.page.close();
});

await check('the page complains of nothing and asks nobody else', () => assert.deepEqual(faults, []));
await browser.close();
console.log(JSON.stringify(figures));
process.exit(failed > 0 ? 1 : 0);
