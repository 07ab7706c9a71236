// SPDX-License-Identifier: Apache-2.0
// Trees, missing trees and rows on the map, and finding the one that was meant by a click.
import type Feature from 'ol/Feature';
import type { Coordinate } from 'ol/coordinate';
import { containsCoordinate, getCenter } from 'ol/extent';
import GeoJSON from 'ol/format/GeoJSON';
import type { Geometry } from 'ol/geom';
import VectorLayer from 'ol/layer/Vector';
import VectorImageLayer from 'ol/layer/VectorImage';
import VectorSource from 'ol/source/Vector';
import Fill from 'ol/style/Fill';
import Stroke from 'ol/style/Stroke';
import Style, { type StyleFunction } from 'ol/style/Style';
import type { FlatStyleLike } from 'ol/style/flat';
import type { GeoJsonFeature, Tree } from './api';
import { groupOf, looks, sizeRamp, type Group } from './look';

export type ColourBy = 'health' | 'size' | 'status';

/** A tree or a missing tree with its place on the map. */
export interface PlacedTree {
  tree: Tree;
  feature: Feature<Geometry>;
  centre: Coordinate;
}

const nothing: Tree = {
  id: null, status: 'alive', health: null, health_class: 'unknown', area: null, perimeter: null, height: null, volume: null,
  ndvi: null, ndre: null, score: null, block: 0, row_index: 0, tree_index: 0, lat: null, lng: null,
};

export function placed(features: GeoJsonFeature[]): PlacedTree[] {
  const read = new GeoJSON().readFeatures({ type: 'FeatureCollection', features }) as Feature<Geometry>[];
  return read.map((feature, i) => {
    const tree: Tree = { ...nothing, ...(features[i]?.properties as Partial<Tree>) };
    feature.set('group', groupOf(tree), true);
    const extent = feature.getGeometry()?.getExtent();
    return { tree, feature, centre: extent ? getCenter(extent) : [0, 0] };
  });
}

/** Areas between which crown sizes are coloured: most trees lie inside. */
export function sizeRange(trees: PlacedTree[]): [number, number] {
  const areas = trees.map(({ tree }) => tree.area ?? 0).filter((area) => area > 0).sort((a, b) => a - b);
  const at = (share: number) => areas[Math.floor(share * (areas.length - 1))] ?? 0;
  return [at(0.02), Math.max(at(0.98), at(0.02) + 0.01)];
}

/** From here on, in map units a pixel, crowns melt together: their fill carries the colour, and outlines are left out. */
const farResolution = 0.5;

function faint(colour: string, opacity: number): string {
  return colour + Math.round(opacity * 255).toString(16).padStart(2, '0');
}

function sizeColour(area: number, [low, high]: [number, number]): string {
  const step = Math.floor(((area - low) / (high - low)) * sizeRamp.length);
  return sizeRamp[Math.min(sizeRamp.length - 1, Math.max(0, step))] as string;
}

/** `isHollow`: outlines alone, so that the picture inside the crowns is seen. One style a colour, made once a zoom. */
function crownStyle(by: ColourBy, sizes: [number, number], isHollow: boolean): StyleFunction {
  let styles = new Map<string, Style>();
  let madeFor = 0;
  return (feature, resolution) => {
    if (resolution !== madeFor) {
      styles = new Map();
      madeFor = resolution;
    }
    const group = feature.get('group') as Group;
    const colour = by === 'size' ? sizeColour(feature.get('area') as number, sizes)
      : by === 'status' && group !== 'dead' ? looks.unknown.colour : looks[group].colour;
    let style = styles.get(colour);
    if (!style) {
      const isFar = resolution >= farResolution;
      const share = Math.min(1, resolution / farResolution);
      const fill = isHollow ? undefined : new Fill({ color: faint(colour, 0.1 + 0.75 * share) });
      const stroke = isFar && !isHollow ? undefined : new Stroke({ color: colour, width: isFar ? 1 : 3 - 1.5 * share });
      style = new Style({ ...(fill && { fill }), ...(stroke && { stroke }) });
      styles.set(colour, style);
    }
    return style;
  };
}

const rowStyle: FlatStyleLike = { 'stroke-color': '#ffffff', 'stroke-width': 1.5, 'stroke-line-dash': [6, 5] };

/** Radius of a sign, in pixels: from afar to near. */
function size(small: number, large: number): never {
  return ['interpolate', ['linear'], ['resolution'], 0.03, large * 1.4, 0.08, large, 0.3, (large + 2 * small) / 3, 0.8, small, 2, small / 2] as never;
}
const missingStyle: FlatStyleLike = [
  { 'shape-points': 4, 'shape-radius': size(4, 10), 'shape-fill-color': 'rgba(255, 255, 255, 0.9)', 'shape-stroke-color': looks.missing.colour, 'shape-stroke-width': 2.25 },
];
const deadStyle: FlatStyleLike = [
  { 'shape-points': 4, 'shape-radius': size(4.5, 11), 'shape-radius2': 0, 'shape-angle': Math.PI / 4, 'shape-stroke-color': '#ffffff', 'shape-stroke-width': 5 },
  { 'shape-points': 4, 'shape-radius': size(4.5, 11), 'shape-radius2': 0, 'shape-angle': Math.PI / 4, 'shape-stroke-color': looks.dead.colour, 'shape-stroke-width': 2.5 },
];
const chosenStyle: FlatStyleLike = [
  { 'stroke-color': '#000000', 'stroke-width': 6, 'circle-radius': 14, 'circle-stroke-color': '#000000', 'circle-stroke-width': 6 },
  { 'stroke-color': '#ffffff', 'stroke-width': 3, 'circle-radius': 14, 'circle-stroke-color': '#ffffff', 'circle-stroke-width': 3 },
];

export class TreesLayer {
  private readonly crownSource = new VectorSource<Feature<Geometry>>();
  private readonly missingSource = new VectorSource<Feature<Geometry>>();
  private readonly deadSource = new VectorSource<Feature<Geometry>>();
  private readonly rowSource = new VectorSource<Feature<Geometry>>();
  private readonly chosenSource = new VectorSource<Feature<Geometry>>();
  private readonly byFeature = new Map<Feature<Geometry>, PlacedTree>();
  private sizes: [number, number] = [0, 1];

  /** Drawn once into an image that moves with the map: panning stays smooth over tens of thousands of crowns. */
  readonly crowns = new VectorImageLayer({ source: this.crownSource, style: crownStyle('health', [0, 1], false), imageRatio: 1.5 });
  readonly rows = new VectorLayer({ source: this.rowSource, style: rowStyle, visible: false });
  readonly dead = new VectorLayer({ source: this.deadSource, style: deadStyle });
  readonly missing = new VectorLayer({ source: this.missingSource, style: missingStyle });
  readonly chosen = new VectorLayer({ source: this.chosenSource, style: chosenStyle });
  readonly all = [this.crowns, this.rows, this.dead, this.missing, this.chosen];

  show(trees: PlacedTree[], missing: PlacedTree[], rows: GeoJsonFeature[]): void {
    this.byFeature.clear();
    for (const source of [this.crownSource, this.missingSource, this.deadSource, this.rowSource, this.chosenSource]) source.clear(true);
    for (const one of [...trees, ...missing]) this.byFeature.set(one.feature, one);
    this.sizes = sizeRange(trees);
    this.crownSource.addFeatures(trees.map(({ feature }) => feature));
    this.missingSource.addFeatures(missing.map(({ feature }) => feature));
    const dead = trees.filter(({ tree }) => tree.status === 'dead').map(({ feature, centre }) => {
      const mark = new GeoJSON().readFeature({ type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: centre } }) as Feature<Geometry>;
      this.byFeature.set(mark, this.byFeature.get(feature) as PlacedTree);
      return mark;
    });
    this.deadSource.addFeatures(dead);
    this.rowSource.addFeatures(new GeoJSON().readFeatures({ type: 'FeatureCollection', features: rows }) as Feature<Geometry>[]);
  }

  /** `isHollow`: outlines alone, so that the picture inside the crowns is seen. */
  colourBy(by: ColourBy, isHollow: boolean): void {
    this.crowns.setStyle(crownStyle(by, this.sizes, isHollow));
  }
  get sizeRange(): [number, number] {
    return this.sizes;
  }

  choose(one: PlacedTree | null): void {
    this.chosenSource.clear(true);
    if (one) this.chosenSource.addFeature(one.feature);
    this.chosenSource.changed();
  }

  /** The tree that a click at `place` means: a sign under the finger first, then the crown, then the nearest crown. */
  at(place: Coordinate, reach: number): PlacedTree | null {
    for (const layer of [this.missing, this.dead]) {
      if (!layer.getVisible()) continue;
      const near = (layer.getSource() as VectorSource<Feature<Geometry>>).getClosestFeatureToCoordinate(place);
      const one = near ? this.byFeature.get(near) : undefined;
      if (one && Math.hypot(one.centre[0]! - place[0]!, one.centre[1]! - place[1]!) <= reach) return one;
    }
    const inside = this.crownSource.getFeaturesAtCoordinate(place)[0] ?? this.nearestCrown(place, reach);
    return inside ? (this.byFeature.get(inside) ?? null) : null;
  }

  private nearestCrown(place: Coordinate, reach: number): Feature<Geometry> | null {
    const near = this.crownSource.getClosestFeatureToCoordinate(place);
    const closest = near?.getGeometry()?.getClosestPoint(place);
    const box = [place[0]! - reach, place[1]! - reach, place[0]! + reach, place[1]! + reach];
    return near && closest && containsCoordinate(box, closest) ? near : null;
  }
}
