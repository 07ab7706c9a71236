// SPDX-License-Identifier: Apache-2.0
// A real browser for the tests: Debian's Chromium, its WebGL in software so that it runs without a display or a GPU.
import { chromium } from 'playwright-core';

export async function openBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'],
  });
}

/** A page of the map whose first picture is complete; `faults` collects what it complained of. `watch` sees it first. */
export async function openMap(browser, url, viewport, watch = () => {}) {
  const page = await browser.newPage({ viewport });
  watch(page);
  const faults = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !message.text().includes('GPU stall')) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('requestfailed', (request) => faults.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !/^(data|blob):/.test(request.url())) faults.push(`asks elsewhere: ${request.url()}`);
  });
  await page.goto(url);
  // Not waitForFunction: it evaluates text in the page, which the page's policy forbids.
  await until(() => page.evaluate(() => window.rendered === true), 'the first picture');
  return { page, faults };
}

/** Waits until `holds` does. */
export async function until(holds, what, seconds = 90) {
  const end = Date.now() + seconds * 1000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
