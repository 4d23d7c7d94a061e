// Files that are dropped anywhere on the page: videos are opened beside the map, others are compared
// with the list of files.  Without this a browser would leave the page for the file.

import { byId } from '../dom.js';
import { isVideoFile, openDroppedVideos } from './footage_panel.js';
import { verifyDroppedFiles } from './verify_files.js';

const dragHoldsFiles = (event) => [...event.dataTransfer.types].includes('Files');

export function watchDroppedFiles() {
  let inside = 0;
  const hint = byId('drop_hint');
  document.addEventListener('dragenter', (event) => {
    if (!dragHoldsFiles(event)) return;
    inside += 1;
    hint.hidden = false;
  });
  document.addEventListener('dragleave', (event) => {
    if (!dragHoldsFiles(event)) return;
    inside = Math.max(0, inside - 1);
    hint.hidden = inside > 0 ? hint.hidden : true;
  });
  document.addEventListener('dragover', (event) => {
    if (!dragHoldsFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
  });
  document.addEventListener('drop', (event) => {
    if (!dragHoldsFiles(event)) return;
    event.preventDefault();
    inside = 0;
    hint.hidden = true;
    const files = [...event.dataTransfer.files];
    const isForList = byId('verify').contains(/** @type {Node} */ (event.target));
    const videos = isForList ? [] : files.filter(isVideoFile);
    const others = files.filter((file) => !videos.includes(file));
    if (others.length) verifyDroppedFiles(others);
    if (videos.length) openDroppedVideos(videos);
  });
}
