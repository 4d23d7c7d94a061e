// A canvas over the whole map, painted again whenever the map moves.  It lies
// under Leaflet's panes, so that markers and tooltips stay above it.

import { mercatorX, mercatorY } from '../data/mercator.js';
import { htmlElement } from '../dom.js';

export const canvasLayers = [];

export class CanvasLayer {
  constructor(map, paint) {
    this.map = map;
    this.paint = paint;
    this.canvas = htmlElement('canvas', null, 'canvas_layer');
    this.canvas.setAttribute('aria-hidden', 'true');
    map.getContainer().insertBefore(this.canvas, map.getPane('mapPane'));
    map.on('move zoom resize viewreset', this.refresh, this);
    canvasLayers.push(this);
    this.draw();
  }

  // At most one painting a frame.
  refresh() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  draw() {
    const size = this.map.getSize();
    const ratio = window.devicePixelRatio || 1;
    const [w, h] = [Math.round(size.x * ratio), Math.round(size.y * ratio)];
    if (this.canvas.width !== w || this.canvas.height !== h) {
      this.canvas.width = w;
      this.canvas.height = h;
    }
    const ctx = this.canvas.getContext('2d');
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, size.x, size.y);
    this.paint(ctx, canvasViewOf(this.map, size));
  }
}

// How the world lies on the screen now.
export function canvasViewOf(map, size) {
  const world = 256 * 2 ** map.getZoom();
  const origin = map.getPixelBounds().min;
  return {
    map,
    world,
    left: origin.x,
    top: origin.y,
    width: size.x,
    height: size.y,
    at: (lat, lon) => [mercatorX(lon) * world - origin.x, mercatorY(lat) * world - origin.y],
  };
}
