// SPDX-License-Identifier: Apache-2.0
// Every tree in a table that sorts, filters and leads to the map. Only the rows in view are in the page, so that a hundred
// thousand trees scroll as easily as ten.
import { element, groupOf, looks, number, sign, type Group } from './look';
import type { PlacedTree } from './trees_layer';

interface Column {
  key: string;
  title: string;
  unit?: string;
  isWide?: boolean;
  value: (one: PlacedTree) => number | null;
  text: (one: PlacedTree) => string | Node[];
}

const order: Group[] = ['missing', 'dead', 'poor', 'fair', 'unknown', 'good'];
const columns: Column[] = [
  { key: 'row', title: 'Row', value: ({ tree }) => (tree.row_index ? tree.block * 1e5 + tree.row_index : 1e9), text: ({ tree }) => (tree.row_index ? (tree.block > 1 ? `${tree.block}·${tree.row_index}` : String(tree.row_index)) : '–') },
  { key: 'tree', title: 'Tree', value: ({ tree }) => tree.tree_index || 1e9, text: ({ tree }) => (tree.tree_index ? String(tree.tree_index) : '–') },
  {
    key: 'health', title: 'Health', value: ({ tree }) => (tree.status === 'alive' ? (tree.health ?? order.indexOf(groupOf(tree)) / 10) : order.indexOf(groupOf(tree)) - 2),
    text: (one) => {
      const group = groupOf(one.tree);
      const known = one.tree.status === 'alive' && one.tree.health !== null;
      return [sign(group), document.createTextNode(` ${group === 'unknown' ? 'Alive' : looks[group].name}${known ? ` ${number(one.tree.health! * 100)}` : ''}`)];
    },
  },
  { key: 'area', title: 'Area', unit: 'm²', value: ({ tree }) => tree.area, text: ({ tree }) => number(tree.area, 1) },
  { key: 'ndvi', title: 'NDVI', isWide: true, value: ({ tree }) => tree.ndvi, text: ({ tree }) => number(tree.ndvi, 2) },
  { key: 'ndre', title: 'NDRE', isWide: true, value: ({ tree }) => tree.ndre, text: ({ tree }) => number(tree.ndre, 2) },
];

const rowPx = 40;

export class TreeTable {
  private shown: PlacedTree[] = [];
  private sortKey = 'row';
  private isDescending = false;
  private group: Group | 'all' = 'all';
  private focusAt = 0;
  private chosen: PlacedTree | null = null;
  private readonly columns: Column[];
  private readonly body = element('tbody');
  private readonly head = element('tr', { 'aria-rowindex': '1' });
  private readonly table = element('table');
  private readonly scroller = element('div', { class: 'scroller' });
  private readonly count = element('span', { class: 'small', role: 'status' });

  constructor(place: HTMLElement, private readonly all: PlacedTree[], private readonly onChoose: (one: PlacedTree) => void) {
    const knows = (key: string) => key === 'ndvi' || key === 'ndre' ? all.some(({ tree }) => tree[key] !== null) : true;
    this.columns = columns.filter(({ key }) => knows(key));
    this.table.append(element('thead', {}, this.head), this.body);
    this.scroller.append(this.table);
    this.scroller.addEventListener('scroll', () => this.draw());
    this.body.addEventListener('click', (event) => {
      const row = (event.target as HTMLElement).closest('tr');
      if (row?.dataset.at) this.pick(Number(row.dataset.at));
    });
    this.body.addEventListener('keydown', (event) => this.key(event));
    new ResizeObserver(() => this.draw()).observe(this.scroller);
    place.replaceChildren(element('div', { class: 'table-head' }, element('h2', {}, 'Trees'), this.count, this.filter()), this.scroller);
    this.drawHead();
    this.update();
  }

  /** Marks a tree and scrolls to it. */
  choose(one: PlacedTree | null): void {
    this.chosen = one;
    const at = one ? this.shown.indexOf(one) : -1;
    if (at >= 0) {
      this.focusAt = at;
      this.scrollTo(at);
    }
    this.draw();
  }

  private filter(): HTMLElement {
    const select = element('select', { 'aria-label': 'Show' }, element('option', { value: 'all' }, 'All'));
    for (const group of ['missing', 'dead', 'poor', 'fair', 'good', 'unknown'] as Group[]) {
      const count = this.all.filter(({ tree }) => groupOf(tree) === group).length;
      if (count > 0) select.append(element('option', { value: group }, `${group === 'unknown' ? 'Alive' : looks[group].name} (${number(count)})`));
    }
    select.addEventListener('change', () => {
      this.group = select.value as Group | 'all';
      this.scroller.scrollTop = 0;
      this.focusAt = 0;
      this.update();
    });
    return select;
  }

  private update(): void {
    const column = this.columns.find(({ key }) => key === this.sortKey) ?? this.columns[0]!;
    const turn = this.isDescending ? -1 : 1;
    const compare = (a: number | null, b: number | null) => (a === null ? 1 : b === null ? -1 : (a - b) * turn);
    this.shown = this.all
      .filter(({ tree }) => this.group === 'all' || groupOf(tree) === this.group)
      .map((one) => ({ one, value: column.value(one), then: one.tree.tree_index }))
      .sort((a, b) => compare(a.value, b.value) || a.then - b.then)
      .map(({ one }) => one);
    this.count.textContent = this.group === 'all' ? '' : `${number(this.shown.length)} shown`;
    this.table.setAttribute('aria-rowcount', String(this.shown.length + 1));
    this.draw();
  }

  private drawHead(): void {
    this.head.replaceChildren(...this.columns.map((column) => {
      const isSorted = column.key === this.sortKey;
      const button = element('button', { type: 'button' }, column.title, ...(column.unit ? [element('span', { class: 'unit' }, ` ${column.unit}`)] : []), element('span', { class: 'arrow', 'aria-hidden': 'true' }, isSorted ? (this.isDescending ? '▾' : '▴') : ''));
      button.addEventListener('click', () => {
        this.isDescending = isSorted && !this.isDescending;
        this.sortKey = column.key;
        this.drawHead();
        this.update();
        (this.head.querySelector(`[data-key="${column.key}"] button`) as HTMLElement | null)?.focus();
      });
      return element('th', { scope: 'col', 'data-key': column.key, 'aria-sort': isSorted ? (this.isDescending ? 'descending' : 'ascending') : 'none', ...(column.isWide ? { class: 'wide' } : {}) },
        button);
    }));
  }

  private draw(): void {
    const first = Math.max(0, Math.floor(this.scroller.scrollTop / rowPx) - 5);
    const last = Math.min(this.shown.length, first + Math.ceil(this.scroller.clientHeight / rowPx) + 10);
    const spacer = (count: number) => {
      const row = element('tr', { class: 'spacer', 'aria-hidden': 'true' });
      row.style.height = `${count * rowPx}px`;
      return row;
    };
    const hadFocus = this.body.contains(document.activeElement);
    const rows = this.shown.slice(first, last).map((one, i) => {
      const at = first + i;
      const row = element('tr', { 'data-at': String(at), 'aria-rowindex': String(at + 2), tabindex: at === this.focusAt ? '0' : '-1', ...(one === this.chosen ? { class: 'chosen', 'aria-selected': 'true' } : {}) });
      for (const column of this.columns) {
        const content = column.text(one);
        row.append(element('td', column.isWide ? { class: 'wide' } : {}, ...(typeof content === 'string' ? [content] : content)));
      }
      return row;
    });
    const none = element('tr', { class: 'none' }, element('td', { colspan: String(this.columns.length) }, 'No tree is like that.'));
    this.body.replaceChildren(spacer(first), ...(this.shown.length > 0 ? rows : [none]), spacer(this.shown.length - last));
    if (hadFocus) (this.body.querySelector('tr[tabindex="0"]') as HTMLElement | null)?.focus({ preventScroll: true });
  }

  private scrollTo(at: number): void {
    const head = rowPx;
    const top = at * rowPx;
    if (top < this.scroller.scrollTop) this.scroller.scrollTop = top;
    else if (top + rowPx + head > this.scroller.scrollTop + this.scroller.clientHeight) this.scroller.scrollTop = top + rowPx + head - this.scroller.clientHeight;
  }

  private pick(at: number): void {
    const one = this.shown[at];
    if (!one) return;
    this.focusAt = at;
    this.onChoose(one);
  }

  private key(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(this.scroller.clientHeight / rowPx) - 2);
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -this.shown.length, End: this.shown.length };
    const step = steps[event.key];
    if (step !== undefined) {
      this.focusAt = Math.min(this.shown.length - 1, Math.max(0, this.focusAt + step));
      this.scrollTo(this.focusAt);
      this.draw();
      event.preventDefault();
    } else if (event.key === 'Enter' || event.key === ' ') {
      this.pick(this.focusAt);
      event.preventDefault();
    }
  }
}
