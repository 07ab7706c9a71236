// SPDX-License-Identifier: Apache-2.0
// What the map shows: the picture, what crowns are coloured by, which layers; and the legend that follows from it.
import type { Survey } from './api';
import { element, indexRamps, looks, number, sign, sizeRamp, type Group } from './look';
import type { OrchardMap } from './map';
import { pictureNames, picturesOf, type Picture } from './ortho';
import type { ColourBy, PlacedTree } from './trees_layer';

function choice<T extends string>(title: string, name: string, options: [T, string][], chosen: T, onChange: (value: T) => void): HTMLElement {
  const buttons = options.map(([value, label]) => {
    const input = element('input', { type: 'radio', name, value });
    input.checked = value === chosen;
    input.addEventListener('change', () => onChange(value));
    return element('label', {}, input, element('span', {}, label));
  });
  return element('fieldset', { class: 'choice' }, element('legend', {}, title), ...buttons);
}

function toggle(label: string, isOn: boolean, onChange: (isOn: boolean) => void): HTMLElement {
  const input = element('input', { type: 'checkbox' });
  input.checked = isOn;
  input.addEventListener('change', () => onChange(input.checked));
  return element('label', { class: 'toggle' }, input, label);
}

function ramp(title: string, colours: string[], low: string, high: string): HTMLElement {
  const bar = element('span', { class: 'ramp' });
  bar.style.background = `linear-gradient(to right, ${colours.join(', ')})`;
  return element('div', { class: 'ramp-row' }, element('span', { class: 'ramp-title' }, title), bar,
    element('span', { class: 'ramp-ends' }, element('span', {}, low), element('span', {}, high)));
}

export function showControls(place: HTMLElement, legend: HTMLElement, survey: Survey, map: OrchardMap, trees: PlacedTree[], missing: PlacedTree[]): void {
  const counts = new Map<Group, number>();
  for (const { tree } of trees) {
    const group: Group = tree.status === 'alive' ? tree.health_class : 'dead';
    counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  counts.set('missing', missing.length);
  const knowsHealth = (['good', 'fair', 'poor'] as Group[]).some((group) => counts.get(group));
  const knowsSize = trees.some(({ tree }) => (tree.area ?? 0) > 0);
  let picture: Picture = 'natural';
  let by: ColourBy = knowsHealth ? 'health' : knowsSize ? 'size' : 'status';

  const entry = (group: Group, name: string, count: number) =>
    element('li', {}, sign(group), element('span', { class: 'name' }, name), element('span', { class: 'count' }, number(count)));
  const drawLegend = () => {
    const list = element('ul');
    if (by === 'health')
      for (const group of ['good', 'fair', 'poor', 'unknown'] as Group[])
        if (counts.get(group)) list.append(entry(group, looks[group].name, counts.get(group) ?? 0));
    if (by === 'status') list.append(entry('unknown', 'Alive', trees.length - (counts.get('dead') ?? 0)));
    for (const group of ['dead', 'missing'] as Group[])
      if (counts.get(group)) list.append(entry(group, looks[group].name, counts.get(group) ?? 0));
    const parts: HTMLElement[] = [list];
    const [low, high] = map.trees.sizeRange;
    if (by === 'size') parts.unshift(ramp('Crown area', sizeRamp, `${number(low, 1)} m²`, `${number(high, 1)} m²`));
    if (picture === 'ndvi' || picture === 'ndre') {
      const stops = indexRamps[picture];
      parts.push(ramp(pictureNames[picture], stops.map((stop) => stop.colour), number(stops[0]?.value, 1), number(stops.at(-1)?.value, 2)));
    }
    legend.replaceChildren(...parts);
  };

  const layers = map.trees;
  const colour = () => layers.colourBy(by, picture !== 'natural');
  const parts: HTMLElement[] = [];
  if (survey.ortho) {
    const pictures = picturesOf(survey.ortho).map((name): [Picture, string] => [name, pictureNames[name]]);
    if (pictures.length > 1)
      parts.push(choice('Picture', 'picture', pictures, picture, (value) => {
        picture = value;
        map.showPicture(value);
        colour();
        drawLegend();
      }));
  }
  const ways: [ColourBy, string][] = [];
  if (knowsHealth) ways.push(['health', 'Health']);
  if (knowsSize) ways.push(['size', 'Size']);
  ways.push(['status', 'Status']);
  parts.push(choice('Colour crowns by', 'colour-by', ways, by, (value) => {
    by = value;
    colour();
    drawLegend();
  }));
  const toggles = element('div', { class: 'toggles' },
    toggle('Crowns', true, (isOn) => layers.crowns.setVisible(isOn)),
    toggle('Dead', true, (isOn) => layers.dead.setVisible(isOn)),
    toggle('Missing', true, (isOn) => layers.missing.setVisible(isOn)),
    toggle('Rows', false, (isOn) => layers.rows.setVisible(isOn)));
  if (survey.ortho) toggles.append(toggle('Picture', true, (isOn) => map.showOrthoLayer(isOn)));
  parts.push(toggles);
  place.replaceChildren(...parts);
  colour();
  drawLegend();
}
