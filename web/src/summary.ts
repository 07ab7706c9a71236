// SPDX-License-Identifier: Apache-2.0
// The survey in a few figures, and how health is spread over its trees.
import type { Survey } from './api';
import { element, looks, number, type Group } from './look';
import type { PlacedTree } from './trees_layer';

function card(title: string, value: string, note: string, kind = ''): HTMLElement {
  return element('div', { class: `figure ${kind}` }, element('span', { class: 'figure-title' }, title),
    element('span', { class: 'figure-value' }, value), element('span', { class: 'figure-note' }, note));
}

const svg = 'http://www.w3.org/2000/svg';
function shape(tag: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(svg, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

interface Bars {
  title: string;
  low: string;
  high: string;
  bins: Partial<Record<Group, number>>[];
}

function spread(title: string, trees: PlacedTree[], value: (one: PlacedTree) => number, low: number, high: number, unit: string, decimals: number): Bars {
  const bins: Bars['bins'] = Array.from({ length: 20 }, () => ({}));
  for (const one of trees) {
    const share = (value(one) - low) / (high - low);
    const bin = bins[Math.min(19, Math.max(0, Math.floor(share * 20)))]!;
    const group = one.tree.health_class;
    bin[group] = (bin[group] ?? 0) + 1;
  }
  return { title, low: `${number(low, decimals)}${unit}`, high: `${number(high, decimals)}${unit}`, bins };
}

function histogram(bars: Bars): HTMLElement {
  const total = (bin: Bars['bins'][number]) => Object.values(bin).reduce((sum, n) => sum + (n ?? 0), 0);
  const most = Math.max(1, ...bars.bins.map(total));
  const picture = shape('svg', { viewBox: '0 0 200 64', preserveAspectRatio: 'none', role: 'img', 'aria-label': `${bars.title}, from ${bars.low} to ${bars.high}` });
  bars.bins.forEach((bin, i) => {
    let top = 64;
    for (const group of ['poor', 'fair', 'good', 'unknown'] as Group[]) {
      const height = ((bin[group] ?? 0) / most) * 62;
      if (height === 0) continue;
      top -= height;
      const bar = shape('rect', { x: i * 10 + 0.75, y: top, width: 8.5, height, fill: looks[group].colour });
      const title = shape('title', {});
      title.textContent = `${number(bin[group])} ${looks[group].name.toLowerCase()}`;
      bar.append(title);
      picture.append(bar);
    }
  });
  return element('figure', { class: 'card histogram' }, element('figcaption', {}, bars.title), picture as unknown as HTMLElement,
    element('div', { class: 'axis' }, element('span', {}, bars.low), element('span', {}, bars.high)));
}

function spreadOf(trees: PlacedTree[]): Bars | null {
  const alive = trees.filter(({ tree }) => tree.status === 'alive');
  const known = alive.filter(({ tree }) => tree.health !== null);
  if (known.length > 0) return spread('Trees by health', known, ({ tree }) => tree.health! * 100, 0, 100, '', 0);
  const areas = alive.map(({ tree }) => tree.area ?? 0).sort((a, b) => a - b);
  const high = areas[Math.floor(0.99 * (areas.length - 1))] ?? 0;
  return high > 0 ? spread('Trees by crown area', alive, ({ tree }) => tree.area ?? 0, 0, high, ' m²', 1) : null;
}

function share(part: number, whole: number): string {
  return whole > 0 ? `${number((100 * part) / whole, 1)} %` : '–';
}

export function showSummary(place: HTMLElement, survey: Survey, trees: PlacedTree[]): void {
  const places = survey.tree_count + survey.missing_tree_count;
  const hectares = survey.hectares ?? 0;
  const cards = [
    card('Trees', number(survey.tree_count), hectares > 0 ? `${number(survey.tree_count / hectares)} per hectare` : `${number(survey.row_count)} rows`),
    card('Missing', number(survey.missing_tree_count), `${share(survey.missing_tree_count, places)} of places`, 'missing'),
    card('Dead', number(survey.dead_tree_count), `${share(survey.dead_tree_count, survey.tree_count)} of trees`, 'dead'),
    card('Canopy', survey.canopy_cover ? `${number(survey.canopy_cover * 100, 1)} %` : '–', hectares > 0 ? `of ${number(hectares, 2)} ha` : 'area unknown'),
    card('Mean crown', `${number(survey.average_area_m2, 1)} m²`, `± ${number(survey.stddev_area_m2, 1)}`),
  ];
  if (survey.average_ndvi !== null) cards.push(card('NDVI', number(survey.average_ndvi, 2), 'mean of living trees'));
  if (survey.average_ndre !== null) cards.push(card('NDRE', number(survey.average_ndre, 2), `± ${number(survey.stddev_ndre, 2)}`));
  if (cards.length % 2 === 1) cards.push(card('Rows', number(survey.row_count), survey.blocks.length > 1 ? `in ${survey.blocks.length} blocks` : (survey.blocks[0]?.pattern ?? 'no pattern found')));
  const bars = spreadOf(trees);
  place.replaceChildren(element('div', { class: 'figures' }, ...cards), ...(bars ? [histogram(bars)] : []));
}

export function showDownloads(place: HTMLElement, survey: Survey): void {
  const names: Record<string, string> = {
    'trees.gpkg': 'GeoPackage', 'trees.geojson': 'GeoJSON', 'rows.geojson': 'Rows (GeoJSON)', 'trees.csv': 'Table (CSV)', 'labels.tif': 'Crown map (GeoTIFF)', 'survey.json': 'Figures (JSON)',
  };
  const links = Object.entries(names).flatMap(([file, name]) => {
    const found = survey.files[file];
    return found ? [element('a', { href: found.url, download: '' }, name)] : [];
  });
  const licences = element('a', { href: './licences.txt' }, 'Licences');
  place.replaceChildren(...(links.length > 0 ? [element('p', {}, 'Download ', ...links.flatMap((link, i) => (i > 0 ? [' · ', link] : [link])))] : []),
    element('p', { class: 'small' }, survey.model_id ? `Found by ${survey.model_id} · ` : '', licences));
}
