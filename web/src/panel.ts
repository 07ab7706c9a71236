// SPDX-License-Identifier: Apache-2.0
// All that is known of the chosen tree.
import { element, groupOf, looks, number, sign } from './look';
import type { PlacedTree } from './trees_layer';

function place(one: PlacedTree): string {
  const { block, row_index: row, tree_index: tree } = one.tree;
  if (row === 0) return 'Outside the rows';
  return `${block > 1 ? `Block ${block}, row` : 'Row'} ${row}, ${one.tree.status === 'missing' ? 'place' : 'tree'} ${tree}`;
}

function healthBar(health: number): HTMLElement {
  const meter = element('meter', { min: '0', max: '1', value: String(health), 'aria-label': 'Health' });
  return element('div', { class: 'health-bar' }, meter, element('span', {}, `${number(health * 100)} of 100`));
}

export function showPanel(panel: HTMLElement, one: PlacedTree | null, onClose: () => void): void {
  panel.hidden = one === null;
  if (!one) {
    panel.replaceChildren();
    return;
  }
  const { tree } = one;
  const group = groupOf(tree);
  const close = element('button', { type: 'button', class: 'close', 'aria-label': 'Close' }, '✕');
  close.addEventListener('click', onClose);
  const facts: [string, string][] = [];
  const add = (name: string, value: number | null, decimals: number, unit = '') => {
    if (value !== null && Number.isFinite(value)) facts.push([name, number(value, decimals) + unit]);
  };
  if (tree.status !== 'missing') {
    add('Crown area', tree.area, 1, ' m²');
    if (tree.area) add('Crown width', 2 * Math.sqrt(tree.area / Math.PI), 1, ' m');
    add('Height', tree.height, 1, ' m');
    add('Volume', tree.volume, 1, ' m³');
    add('NDVI', tree.ndvi, 2);
    add('NDRE', tree.ndre, 2);
    if (tree.score) add('Certainty', tree.score * 100, 0, ' %');
    if (tree.id !== null) facts.push(['Number', String(tree.id)]);
    if (tree.lat || tree.lng) facts.push(['Position', `${tree.lat?.toFixed(6)}, ${tree.lng?.toFixed(6)}`]);
  }
  const status = group === 'unknown' ? 'Alive' : group === 'dead' || group === 'missing' ? looks[group].name : `${looks[group].name} health`;
  panel.replaceChildren(
    element('div', { class: 'panel-head' }, element('h2', {}, place(one)), close),
    element('p', { class: 'status' }, sign(group), ' ', status),
    ...(tree.status === 'alive' && tree.health !== null ? [healthBar(tree.health)] : []),
    ...(tree.status === 'missing' ? [element('p', { class: 'note' }, 'A tree of the planting pattern is not here: replant, or mark the gap.')] : []),
    element('dl', {}, ...facts.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)])),
  );
}
