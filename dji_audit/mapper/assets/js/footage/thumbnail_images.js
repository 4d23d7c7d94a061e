// The thumbnails of the page as pictures for tooltips; the page holds each once, in its panel.

import { byId, htmlElement } from '../dom.js';

/**
 * A small picture of the photo that a sensor took at a moment, or null.
 * @param {number | null} ms
 * @param {string} sensor
 */
export function thumbnailOf(ms, sensor) {
  const figures = byId('photos') ? [...byId('photos').children] : [];
  const found = figures.find((figure) => figure.dataset.at === String(ms) && figure.dataset.sensor === sensor);
  if (!found) return null;
  const image = htmlElement('img', null, 'thumbnail');
  image.src = found.querySelector('img').src;
  image.alt = '';
  return image;
}
