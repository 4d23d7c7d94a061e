// The files of a drop, each with the folders that it lay in.

/** @typedef {{ name: string, file: File }} NamedFile */

/**
 * The files that a person chose, by their names below the folder that was chosen.
 * @param {Iterable<File>} files
 * @returns {NamedFile[]}
 */
export const pickedFiles = (files) => [...files].map((file) => ({ name: file.webkitRelativePath || file.name, file }));

/**
 * The files that were dropped, with those in folders.
 * @param {DataTransfer} dropped
 * @returns {Promise<NamedFile[]>}
 */
export function droppedFiles(dropped) {
  // What was dropped can be asked only before anything else happens.
  const items = [...dropped.items].filter((item) => item.kind === 'file');
  const entries = items.map((item) => [item.webkitGetAsEntry(), item.getAsFile()]);
  return filesOfEntries(entries);
}

async function filesOfEntries(entries) {
  const found = [];
  for (const [entry, file] of entries) {
    if (entry) found.push(...(await filesBelow(entry, '')));
    else if (file) found.push({ name: file.name, file });
  }
  return found;
}

async function filesBelow(entry, above) {
  const name = `${above}${entry.name}`;
  if (entry.isFile) return [{ name, file: await new Promise((give, fail) => entry.file(give, fail)) }];
  const reader = entry.createReader();
  const found = [];
  // A folder gives its entries part by part, and none at its end.
  for (;;) {
    const entries = await new Promise((give, fail) => reader.readEntries(give, fail));
    if (!entries.length) return found;
    for (const below of entries) found.push(...(await filesBelow(below, `${name}/`)));
  }
}
