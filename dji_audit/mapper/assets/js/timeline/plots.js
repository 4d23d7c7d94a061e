// Plots of any quantity over time, in one frame with one axis of time, in step with the map.

import { AXIS_END, AXIS_START, axisCountsFixes, flight } from '../data/page_data.js';
import { addFragmentPart, writeFragmentSoon } from '../data/address_fragment.js';
import { allSeries, finiteRange, plotSeriesByName, seriesValueAt } from '../data/plot_series.js';
import { onMomentChange, goToInstant, state } from '../data/page_state.js';
import { clockText } from '../data/time_text.js';
import { byId, htmlElement, signedText, svgElement } from '../dom.js';
import { onTabOpened } from '../panel/tabs.js';
import { cssColour, onThemeChange, themeColour } from '../theme.js';

/** @import { Series } from '../data/plot_series.js' */

const LEFT = 54;
const RIGHT = 8;
const HIGH = 120;
const GAP = 22;
const FOOT = 20;
const PLOT_FONT = '11.5px "Liberation Sans", Arial, sans-serif';
// A line has its colour and its pattern, so that it is told apart without colour.
const LINES = [
  { colour: 'ink', dash: [] }, { colour: 'visible', dash: [7, 3] }, { colour: 'unstated', dash: [2, 3] },
  { colour: 'multispectral', dash: [10, 3, 2, 3] }, { colour: 'sound', dash: [4, 2, 4, 6] }, { colour: 'thermal', dash: [1, 5] },
];
const MOST_PLOTS = 12;

/** @type {{ series: Series[], from: number, to: number }} */
const plotted = { series: [], from: AXIS_START, to: AXIS_END };

/** The plots: each is the series that share an axis. */
function panels() {
  if (!byId('plot_share').checked) return plotted.series.map((series) => [series]);
  const groups = [];
  for (const series of plotted.series) {
    const group = groups.find(([first]) => first.unit === series.unit && series.unit);
    if (group) group.push(series);
    else groups.push([series]);
  }
  return groups;
}

const pixelOfInstant = (wide) => (ms) => LEFT + (ms - plotted.from) / (plotted.to - plotted.from || 1) * (wide - LEFT - RIGHT);

function niceTicks(low, high, count) {
  const span = high - low || 1;
  const power = 10 ** Math.floor(Math.log10(span / count));
  const step = [1, 2, 2.5, 5, 10].map((f) => f * power).find((each) => span / each <= count) || 10 * power;
  const ticks = [];
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + step * 1e-9; n += 1) ticks.push(n * step);
  const digits = Math.max(0, Math.min(9, -Math.floor(Math.log10(step) + 1e-9) + (/25/.test(String(step)) ? 1 : 0)));
  return { ticks, digits };
}

function drawPlots() {
  const canvas = byId('plot_canvas');
  const groups = panels();
  const wide = byId('plot_frame').clientWidth;
  if (!wide) return;
  const deep = Math.max(groups.length * (HIGH + GAP) + FOOT, 60);
  const ratio = window.devicePixelRatio || 1;
  canvas.style.height = `${deep}px`;
  canvas.style.width = `${wide}px`;
  canvas.width = Math.round(wide * ratio);
  canvas.height = Math.round(deep * ratio);
  byId('plot_hand').style.height = `${deep - FOOT}px`;
  const ctx = canvas.getContext('2d');
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.font = PLOT_FONT;
  groups.forEach((group, n) => drawPlot(ctx, group, n * (HIGH + GAP) + GAP - 6, wide));
  drawTimeAxis(ctx, groups.length * (HIGH + GAP) + 4, wide);
  movePlotPlayhead();
}

// The values within the time that is plotted, and one on either side.
function drawPlot(ctx, group, top, wide) {
  const X = pixelOfInstant(wide);
  const ranges = group.map((series) => finiteRange(series.values.filter((_, i) => series.ms[i] >= plotted.from && series.ms[i] <= plotted.to))).filter(Boolean);
  ctx.textAlign = 'left';
  ctx.fillStyle = themeColour('ink');
  ctx.fillText(group[0].unit || 'unit not stated', LEFT, top - 4);
  ctx.strokeStyle = themeColour('line');
  ctx.lineWidth = 1;
  ctx.strokeRect(LEFT + 0.5, top + 0.5, wide - LEFT - RIGHT - 1, HIGH - 1);
  if (!ranges.length) {
    ctx.fillStyle = themeColour('soft');
    ctx.fillText('no value in this time', LEFT + 8, top + 20);
    return;
  }
  let [low, high] = [Math.min(...ranges.map(([a]) => a)), Math.max(...ranges.map(([, b]) => b))];
  const margin = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
  [low, high] = [low - margin, high + margin];
  const Y = (value) => top + HIGH - (value - low) / (high - low) * HIGH;
  const { ticks, digits } = niceTicks(low, high, 4);
  ctx.textAlign = 'right';
  for (const tick of ticks) {
    ctx.strokeStyle = themeColour('line');
    ctx.beginPath();
    ctx.moveTo(LEFT, Math.round(Y(tick)) + 0.5);
    ctx.lineTo(wide - RIGHT, Math.round(Y(tick)) + 0.5);
    ctx.stroke();
    ctx.fillStyle = themeColour('soft');
    ctx.fillText(signedText(tick, digits), LEFT - 5, Y(tick) + 4, LEFT - 8);
  }
  ctx.save();
  ctx.beginPath();
  ctx.rect(LEFT, top, wide - LEFT - RIGHT, HIGH);
  ctx.clip();
  for (const series of group) drawLine(ctx, series, X, Y, lineStyleOfSeries(series));
  ctx.restore();
}

const lineStyleOfSeries = (series) => LINES[plotted.series.indexOf(series) % LINES.length];

function drawLine(ctx, { ms, values, wraps }, X, Y, { colour, dash }) {
  ctx.strokeStyle = themeColour(colour);
  ctx.lineWidth = 1.5;
  ctx.lineCap = 'butt';
  ctx.setLineDash(dash);
  ctx.beginPath();
  let last = null;
  for (let i = 0; i < ms.length; i += 1) {
    if (values[i] !== values[i] || ms[i] < plotted.from - flight.gap_ms || ms[i] > plotted.to + flight.gap_ms) continue;
    const x = Math.round(X(ms[i]) * 2) / 2;
    let [least, most] = [values[i], values[i]];
    const first = i;
    // All values of one pixel as one stroke from the least to the greatest.
    while (i + 1 < ms.length && Math.round(X(ms[i + 1]) * 2) / 2 === x) {
      i += 1;
      if (values[i] < least) least = values[i];
      if (values[i] > most) most = values[i];
    }
    const apart = last === null || ms[first] - last.ms > flight.gap_ms || (wraps && Math.abs(values[first] - last.value) > 180);
    if (apart) ctx.moveTo(x, Y(values[first]));
    else ctx.lineTo(x, Y(values[first]));
    if (most > least && !(wraps && most - least > 180)) {
      ctx.lineTo(x, Y(least));
      ctx.lineTo(x, Y(most));
      ctx.lineTo(x, Y(values[i]));
    } else if (apart) ctx.lineTo(x + 0.5, Y(values[first]));
    last = { ms: ms[i], value: values[i] };
  }
  ctx.stroke();
  ctx.setLineDash([]);
}

function drawTimeAxis(ctx, y, wide) {
  if (!(AXIS_END > AXIS_START)) return;
  const X = pixelOfInstant(wide);
  ctx.fillStyle = themeColour('soft');
  ctx.textAlign = 'left';
  ctx.fillText(axisCountsFixes ? 'Fix' : 'UTC', 2, y + 10);
  const steps = [100, 200, 500, 1000, 2000, 5000, 10000, 15000, 30000, 60000, 120000, 300000, 600000, 900000, 1800000, 3600000, 7200000, 14400000, 43200000, 86400000];
  const span = plotted.to - plotted.from;
  const step = steps.find((each) => span / each * 78 < wide - LEFT - RIGHT) || 864000000;
  ctx.textAlign = 'center';
  for (let ms = Math.ceil(plotted.from / step) * step; ms <= plotted.to; ms += step) {
    const x = X(ms);
    if (x < LEFT + 20 || x > wide - 26) continue;
    ctx.fillText(axisCountsFixes ? String(Math.round(ms / 1000) + 1) : clockText(ms, step < 1000), x, y + 10);
  }
}

// The line of the moment, and the value of each series there.
function movePlotPlayhead() {
  const wide = byId('plot_frame').clientWidth;
  if (!wide) return;
  const x = pixelOfInstant(wide)(state.currentMs);
  const hand = byId('plot_hand');
  hand.hidden = x < LEFT - 1 || x > wide - RIGHT + 1;
  hand.style.transform = `translateX(${x.toFixed(1)}px)`;
  const frame = byId('plot_frame');
  frame.setAttribute('aria-valuenow', String(Math.round(state.currentMs - AXIS_START)));
  frame.setAttribute('aria-valuetext', axisCountsFixes ? byId('clock').textContent : `${clockText(state.currentMs)} UTC`);
  plotted.series.forEach((series, n) => {
    const value = seriesValueAt(series, state.currentMs);
    const words = byId('plot_list').children[n].querySelector('output');
    words.textContent = Number.isNaN(value) ? 'not known' : `${signedText(value, series.digits)} ${series.unit}`.trim();
  });
}

function listPlots() {
  byId('plot_list').replaceChildren(...plotted.series.map((series) => {
    const item = htmlElement('li');
    const { colour, dash } = lineStyleOfSeries(series);
    const icon = svgElement('svg', { viewBox: '0 -4 34 8', 'aria-hidden': 'true' },
      svgElement('path', { d: 'M1 0H33', stroke: cssColour(colour), 'stroke-width': 2, 'stroke-dasharray': dash.join(' ') || 'none' }));
    const remove = htmlElement('button', 'Remove');
    remove.type = 'button';
    remove.setAttribute('aria-label', `Remove the plot of ${series.words}`);
    remove.addEventListener('click', () => {
      plotted.series = plotted.series.filter((one) => one !== series);
      updatePlots();
      byId('plot_choice').focus();
    });
    item.append(icon, htmlElement('span', nameOfSeries(series)), htmlElement('output'), remove);
    return item;
  }));
  byId('plot_add').disabled = plotted.series.length >= MOST_PLOTS;
}

const nameOfSeries = (series) => (series.group === 'Track' ? series.words : `${series.id}, ${series.group}`);

function updatePlots() {
  listPlots();
  const part = plotted.to - plotted.from < AXIS_END - AXIS_START;
  byId('plot_span').textContent = part && !axisCountsFixes ? `${clockText(plotted.from)} to ${clockText(plotted.to)} UTC` : '';
  drawPlots();
  writeFragmentSoon();
}

// Zoom about the selected moment.
function zoomPlots(factor) {
  const span = Math.max(2000, Math.min(AXIS_END - AXIS_START, (plotted.to - plotted.from) * factor));
  const share = (state.currentMs - plotted.from) / (plotted.to - plotted.from || 1);
  const kept = share >= 0 && share <= 1 ? share : 0.5;
  plotted.from = Math.max(AXIS_START, Math.min(AXIS_END - span, state.currentMs - span * kept));
  plotted.to = Math.min(AXIS_END, plotted.from + span);
  updatePlots();
}

// A moment outside the part that is plotted brings its part into sight.
function keepMomentInPlots() {
  const span = plotted.to - plotted.from;
  if (state.currentMs < plotted.from || state.currentMs > plotted.to) {
    plotted.from = Math.max(AXIS_START, Math.min(AXIS_END - span, state.currentMs - span / 2));
    plotted.to = plotted.from + span;
    updatePlots();
  } else movePlotPlayhead();
}

function watchPlotPointer() {
  const frame = byId('plot_frame');
  const seek = (event) => {
    const box = frame.getBoundingClientRect();
    const share = (event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT);
    goToInstant(plotted.from + Math.max(0, Math.min(1, share)) * (plotted.to - plotted.from), { pan: true });
  };
  frame.addEventListener('pointerdown', (event) => {
    frame.setPointerCapture(event.pointerId);
    seek(event);
  });
  frame.addEventListener('pointermove', (event) => {
    if (frame.hasPointerCapture(event.pointerId)) seek(event);
  });
  frame.addEventListener('keydown', (event) => {
    const step = (plotted.to - plotted.from) / 100;
    const by = { ArrowRight: step, ArrowUp: step, ArrowLeft: -step, ArrowDown: -step, PageUp: 10 * step, PageDown: -10 * step, Home: -Infinity, End: Infinity }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    goToInstant(Math.max(plotted.from, Math.min(plotted.to, state.currentMs + by)), { pan: true });
  });
  frame.setAttribute('aria-valuemax', String(Math.max(1, Math.round(AXIS_END - AXIS_START))));
}

function chooseSeries(ids) {
  plotted.series = [...new Set(ids.map(plotSeriesByName).filter(Boolean))].slice(0, MOST_PLOTS);
  updatePlots();
}

export function buildPlots() {
  const choice = byId('plot_choice');
  const groups = new Map();
  for (const series of allSeries) {
    if (!groups.has(series.group)) {
      const list = htmlElement('optgroup');
      list.label = series.group === 'Track' ? 'Columns of the track' : series.group;
      groups.set(series.group, list);
      choice.append(list);
    }
    const option = htmlElement('option', series.unit ? `${series.words} (${series.unit})` : series.words);
    option.value = series.id;
    groups.get(series.group).append(option);
  }
  byId('plots_count').textContent = allSeries.length;
  byId('plot_add').addEventListener('click', () => chooseSeries([...plotted.series.map(({ id }) => id), choice.value]));
  byId('plot_share').addEventListener('change', updatePlots);
  byId('plot_in').addEventListener('click', () => zoomPlots(0.5));
  byId('plot_out').addEventListener('click', () => zoomPlots(2));
  byId('plot_all').addEventListener('click', () => {
    [plotted.from, plotted.to] = [AXIS_START, AXIS_END];
    updatePlots();
  });
  watchPlotPointer();
  onMomentChange(keepMomentInPlots);
  onTabOpened((name) => { if (name === 'plots') drawPlots(); });
  onThemeChange(drawPlots);
  new ResizeObserver(drawPlots).observe(byId('plot_frame'));
  // Positions and counters say little over time: first what has a unit.
  const records = allSeries.filter(({ group, unit, words }) => group !== 'Track' && unit && !/lat|lon|time/i.test(words)).slice(0, 2);
  const first = [...['height', 'amsl', 'speed'].map(plotSeriesByName).filter(Boolean).slice(0, 2), ...records];
  const opening = first.map(({ id }) => id).join(',');
  addFragmentPart({
    name: 'plots',
    read: () => {
      const ids = plotted.series.map(({ id }) => id).join(',');
      return ids === opening ? '' : ids || 'none';
    },
    words: () => (plotted.series.length ? `with plots of ${plotted.series.map(({ words }) => words).join(', ')}` : 'without plots'),
    apply: (ids) => {
      if (ids === 'none' || ids.split(',').some(plotSeriesByName)) chooseSeries(ids.split(','));
    },
  });
  chooseSeries(first.map(({ id }) => id));
}
