// The colours of the page.  The style sheet has them, for light and for dark; an SVG names them
// (`var(--thermal)`), a canvas must look them up.

const colourCache = new Map();
const themeWatchers = [];

/**
 * A colour of the style sheet, for a canvas.
 * @param {string} name such as `thermal`
 * @returns {string}
 */
export function themeColour(name) {
  if (!colourCache.has(name)) colourCache.set(name, getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim() || '#000');
  return colourCache.get(name);
}

/**
 * The same colour for an attribute of an SVG, which follows a change by itself.
 * @param {string} name
 */
export const cssColour = (name) => `var(--${name})`;

const isLiteralColour = (colour) => colour.startsWith('#');

/** A colour of the style sheet, or one that is written out, for a canvas. @param {string} colour */
export const canvasColour = (colour) => (isLiteralColour(colour) ? colour : themeColour(colour));

/** The same for an SVG. @param {string} colour */
export const svgColour = (colour) => (isLiteralColour(colour) ? colour : cssColour(colour));

/**
 * Call a function when the computer changes between light and dark, so that canvases are painted again.
 * @param {() => void} repaint
 */
export function onThemeChange(repaint) {
  themeWatchers.push(repaint);
}

export function watchTheme() {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    colourCache.clear();
    for (const repaint of themeWatchers) repaint();
  });
}
