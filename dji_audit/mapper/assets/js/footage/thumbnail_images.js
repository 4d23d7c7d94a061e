// The thumbnails of the page as pictures for tooltips; the page holds each once, in its panel.

import { byId, htmlElement } from '../dom.js';

const thumbnailFigures = byId('photos') ? [...byId('photos').children] : [];

/** @param {HTMLElement} figure */
function imageOfFigure(figure) {
  const image = htmlElement('img', null, 'thumbnail');
  image.src = figure.querySelector('img').src;
  image.alt = '';
  return image;
}

/**
 * A small picture of the photo that a sensor took at a moment, or null.
 * @param {number} ms
 * @param {string} sensor
 */
export function thumbnailOf(ms, sensor) {
  const found = thumbnailFigures.find((figure) => figure.dataset.at === String(ms) && figure.dataset.sensor === sensor);
  return found ? imageOfFigure(found) : null;
}

/** A small picture of a photo on the map, or null. @param {any} symbol */
export function thumbnailOfSymbol(symbol) {
  return symbol.figure ? imageOfFigure(symbol.figure) : thumbnailOf(symbol.row.start, symbol.row.kind.split(' ')[1]);
}

/** The pictures inside flight records: they have a position, and no time. */
export const placedFigures = thumbnailFigures.filter((figure) => figure.dataset.lat !== undefined);
