// SPDX-License-Identifier: Apache-2.0
// The map: the orthomosaic below, trees above, in the survey's own CRS.
import Map from 'ol/Map';
import View from 'ol/View';
import { ScaleLine, defaults as defaultControls } from 'ol/control';
import { buffer, createEmpty, extend, getHeight, getWidth } from 'ol/extent';
import type TileLayer from 'ol/layer/WebGLTile';
import { transformExtent } from 'ol/proj';
import type { Survey } from './api';
import { orthoLayer, pictureStyle, type Picture } from './ortho';
import { projectionOf } from './projection';
import { TreesLayer, type PlacedTree } from './trees_layer';

/** How near to a sign or a crown a click must be, in pixels: a finger's width. */
const reachPx = 14;

export class OrchardMap {
  readonly trees = new TreesLayer();
  private readonly map: Map;
  private readonly survey: Survey;
  private ortho: { layer: TileLayer; alphaBand: number } | null = null;

  constructor(target: HTMLElement, survey: Survey, onChoose: (one: PlacedTree | null) => void) {
    this.survey = survey;
    const projection = projectionOf(survey.crs, survey.proj4, survey.extent);
    const extent = extend(createEmpty(), survey.extent);
    if (survey.ortho) {
      const from = projectionOf(survey.ortho.crs, survey.ortho.proj4, survey.ortho.extent);
      extend(extent, transformExtent(survey.ortho.extent, from, projection));
    }
    const edge = Math.max(getWidth(extent), getHeight(extent));
    this.map = new Map({
      target,
      controls: defaultControls({ rotate: false, attribution: false }).extend([new ScaleLine()]),
      layers: this.trees.all,
      view: new View({
        projection,
        extent: buffer(extent, edge * 0.25),
        constrainOnlyCenter: true,
        center: [(extent[0]! + extent[2]!) / 2, (extent[1]! + extent[3]!) / 2],
        resolution: edge / 500,
        minResolution: (survey.gsd_m || 0.05) / 6,
        maxResolution: edge / 100,
      }),
    });
    this.map.getView().fit(survey.extent, { padding: [24, 24, 24, 24] });
    this.map.on('click', (event) => {
      const reach = reachPx * (this.map.getView().getResolution() ?? 1);
      onChoose(this.trees.at(event.coordinate, reach));
    });
    this.map.on('pointermove', (event) => {
      if (event.dragging) return;
      const reach = 4 * (this.map.getView().getResolution() ?? 1);
      target.style.cursor = this.trees.at(event.coordinate, reach) ? 'pointer' : '';
    });
  }

  /** Starts to read the orthomosaic. */
  async showOrtho(): Promise<void> {
    if (!this.survey.ortho) return;
    this.ortho = await orthoLayer(this.survey.ortho);
    this.map.getLayers().insertAt(0, this.ortho.layer);
  }

  showPicture(picture: Picture): void {
    if (this.survey.ortho && this.ortho) this.ortho.layer.setStyle(pictureStyle(this.survey.ortho, picture, this.ortho.alphaBand));
  }
  showOrthoLayer(isVisible: boolean): void {
    this.ortho?.layer.setVisible(isVisible);
  }

  /** Resolves once all that is in view has been drawn. */
  complete(): Promise<void> {
    return new Promise((resolve) => {
      this.map.once('rendercomplete', () => resolve());
      this.map.render();
    });
  }

  choose(one: PlacedTree | null, zoom: boolean): void {
    this.trees.choose(one);
    if (!one || !zoom) return;
    const view = this.map.getView();
    const resolution = Math.min(view.getResolution() ?? 1, Math.max((this.survey.gsd_m ?? 0.1) * 0.6, this.resolutionFor(one)));
    const calm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    view.animate({ center: one.centre, resolution, duration: calm ? 0 : 350 });
  }

  /** At which a crown fills a sixth of the map. */
  private resolutionFor(one: PlacedTree): number {
    const extent = one.feature.getGeometry()?.getExtent() ?? [0, 0, 0, 0];
    const size = this.map.getSize() ?? [600, 600];
    return Math.max(3, getWidth(extent), getHeight(extent)) * 6 / Math.min(size[0]!, size[1]!);
  }

  dispose(): void {
    this.map.setTarget(undefined);
    this.map.dispose();
  }
}
