// Elements and words.  Text reaches the page as text nodes only, never as markup.

/**
 * The element with an id; the template says of which kind it is, which no type can.
 * @param {string} id
 * @returns {any}
 */
export const byId = (id) => document.getElementById(id);

/**
 * @param {string} tag
 * @param {string | number | null} [text]
 * @param {string | null} [name] its class
 * @returns {any} the element, of the kind that the tag names
 */
export function htmlElement(tag, text, name) {
  const made = document.createElement(tag);
  if (text !== undefined && text !== null) made.textContent = String(text);
  if (name) made.className = name;
  return made;
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...Element} children
 * @returns {any} the element, of the kind that the tag names
 */
export function svgElement(tag, attributes, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/**
 * A number with a true minus sign, never “-0”.
 * @param {number} number
 * @param {number} digits
 */
export const signedText = (number, digits) => number.toFixed(digits).replace(/^-(?!0(\.0*)?$)/, '−').replace(/^-/, '');

// How much of the end of a long name is always shown.
const PATH_END = 16;

/**
 * The name of a file, of which a narrow column shows the beginning and the end.
 * @param {string} name
 * @param {boolean} isFirst whether it is the first source file, which is not repeated on paper
 */
export function fileNameElement(name, isFirst) {
  const made = htmlElement('span', null, isFirst ? 'sub path first_source' : 'sub path');
  made.title = name;
  const cut = Math.max(0, name.length - PATH_END);
  made.append(htmlElement('span', name.slice(0, cut), 'path_start'), htmlElement('span', name.slice(cut), 'path_end'));
  return made;
}
