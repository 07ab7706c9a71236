// SPDX-License-Identifier: Apache-2.0
// How things look wherever they are shown: colours that people with any colour vision can tell apart (after Okabe and
// Ito), each with a sign of its own, and numbers as text.
import type { Health, Tree } from './api';

export type Group = Health | 'dead' | 'missing';

export interface Look {
  name: string;
  sign: string;
  colour: string;
}

export const looks: Record<Group, Look> = {
  good: { name: 'Good', sign: '●', colour: '#00a076' },
  fair: { name: 'Fair', sign: '▲', colour: '#f5d327' },
  poor: { name: 'Poor', sign: '▼', colour: '#e1570b' },
  unknown: { name: 'Tree', sign: '●', colour: '#56b4e9' },
  dead: { name: 'Dead', sign: '✕', colour: '#1a1a1a' },
  missing: { name: 'Missing', sign: '◇', colour: '#8a2be2' },
};

export function groupOf(tree: Tree): Group {
  return tree.status === 'alive' ? tree.health_class : tree.status;
}

/** Crown areas, small to large: one hue, darker as it grows. */
export const sizeRamp = ['#f7f4c5', '#b5dc8b', '#54b07c', '#1d7a86', '#19416f'];

export interface Stop {
  value: number;
  colour: string;
}
/** Brown ground to dark leaf; its lightness alone tells the two ends from the middle. */
export const indexRamps: Record<'ndvi' | 'ndre', Stop[]> = {
  ndvi: ramp([0, 0.2, 0.4, 0.6, 0.75, 0.9]),
  ndre: ramp([0, 0.08, 0.16, 0.25, 0.34, 0.45]),
};
function ramp(values: number[]): Stop[] {
  const colours = ['#6b3d0c', '#c08a3e', '#f4e9c4', '#98d08d', '#2f9e5b', '#004d2a'];
  return values.map((value, i) => ({ value, colour: colours[i] as string }));
}

/** A number with so many decimals, in groups of three; a dash where there is none. */
export function number(value: number | null | undefined, decimals = 0): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  return value.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** An element with its attributes and children: the page's only way to make HTML, so that text stays text. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** The sign of a group in its colour, for texts; the group's name stands beside it. */
export function sign(group: Group): HTMLElement {
  const made = element('span', { class: `sign sign-${group}`, 'aria-hidden': 'true' }, looks[group].sign);
  return made;
}
