// SPDX-License-Identifier: Apache-2.0
// The page: loads a survey, and keeps map, panel and table at the same tree.
import 'ol/ol.css';
import './style.css';
import { loadFeatures, loadSurveys, loadTrees, type Survey } from './api';
import { showControls } from './controls';
import { number } from './look';
import { OrchardMap } from './map';
import { showPanel } from './panel';
import { showDownloads, showSummary } from './summary';
import { TreeTable } from './table';
import { placed, type PlacedTree } from './trees_layer';

declare global {
  interface Window {
    /** Set once the first picture is complete, and how long that took: for tests and for measuring. */
    rendered?: boolean;
    firstPictureMs?: number;
  }
}

const at = <T extends HTMLElement = HTMLElement>(id: string): T => document.getElementById(id) as T;

let map: OrchardMap | null = null;

async function show(survey: Survey): Promise<void> {
  const loading = at('loading');
  loading.hidden = false;
  at('title').textContent = survey.survey_id;
  document.title = `${survey.survey_id} · Canopy`;
  const date = survey.captured_on ? new Date(`${survey.captured_on}T12:00:00`) : null;
  const when = date && !Number.isNaN(date.getTime()) ? date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' }) : survey.captured_on;
  at('subtitle').textContent = [when, survey.gsd_m ? `${number(survey.gsd_m * 100, 1)} cm per pixel` : ''].filter(Boolean).join(' · ');

  map?.dispose();
  let table: TreeTable | null = null;
  const choose = (one: PlacedTree | null, zoom: boolean) => {
    shown.choose(one, zoom);
    showPanel(at('panel'), one, () => choose(null, false));
    table?.choose(one);
    if (one) at('side').scrollTo({ top: 0 });
  };
  const shown = new OrchardMap(at('map'), survey, (one) => choose(one, false));
  map = shown;
  document.onkeydown = (event) => {
    if (event.key === 'Escape') choose(null, false);
  };
  const [, trees, missing, rows] = await Promise.all([
    shown.showOrtho(),
    loadTrees(survey.links.trees!, (count, of) => (loading.textContent = `Loading trees… ${number(count)} of ${number(of)}`)).then(placed),
    loadFeatures(survey.links.missing!).then(placed),
    loadFeatures(survey.links.rows!),
  ]);
  shown.trees.show(trees, missing, rows);
  showControls(at('controls'), at('legend'), survey, shown, trees, missing);
  showSummary(at('summary'), survey, trees);
  showPanel(at('panel'), null, () => undefined);
  table = new TreeTable(at('trees'), [...trees, ...missing], (one) => choose(one, true));
  showDownloads(at('downloads'), survey);
  loading.hidden = true;
  await shown.complete();
  window.firstPictureMs ??= performance.now();
  window.rendered = true;
}

function fail(error: unknown): void {
  const loading = at('loading');
  loading.hidden = false;
  loading.classList.add('failed');
  loading.textContent = `The survey cannot be shown. ${error instanceof Error ? error.message : String(error)}`;
}

async function start(): Promise<void> {
  const surveys = await loadSurveys();
  const asked = () => decodeURIComponent(location.hash.slice(1));
  const find = () => surveys.find((survey) => survey.survey_id === asked()) ?? surveys[0];
  const first = find();
  if (!first) throw new Error('The server has none.');
  const select = at<HTMLSelectElement>('survey');
  for (const survey of surveys) select.add(new Option(survey.survey_id, survey.survey_id, false, survey === first));
  at('survey-choice').hidden = surveys.length < 2;
  select.addEventListener('change', () => (location.hash = encodeURIComponent(select.value)));
  window.addEventListener('hashchange', () => {
    const next = find();
    if (!next) return;
    select.value = next.survey_id;
    show(next).catch(fail);
  });
  if (window.matchMedia('(min-width: 1400px)').matches) at<HTMLDetailsElement>('layers').open = true;
  await show(first);
}

start().catch(fail);
