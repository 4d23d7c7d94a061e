// The page of the work: it adds files, asks the server to audit, and lists what needs a look.
// It asks only the server that it came from, by addresses beside its own.

import { byId } from './dom.js';
import { droppedFiles, pickedFiles } from './work/dropped_files.js';
import { capitalised, deliveredWords, jobWords, progressWords, resultWords } from './work/work_texts.js';
import { showDossiers, showFindings, showFolders, showRefused, showSettled } from './work/work_lists.js';

const WHILE_BUSY_MS = 400;
const WHILE_IDLE_MS = 5000;
let timer = 0;
let wasBusy = false;
let isSending = false;
/** @type {{ name: string, why: string }[]} */
let refused = [];

/**
 * Ask the server to do something.
 * @param {string} method
 * @param {string} address
 * @param {BodyInit | null} body
 * @returns {Promise<any>} its answer
 */
async function askServer(method, address, body = null) {
  const answer = await fetch(address, { method, body, credentials: 'same-origin', redirect: 'error' });
  if (answer.ok) return answer.json();
  if (answer.status === 409) throw new Error((await answer.json()).message);
  throw new Error(answer.status === 403 ? 'this page was opened for a server that has ended: open the address that dji-audit serve prints' : `the server refused it (${answer.status})`);
}

const postToServer = (address, order) => askServer('POST', address, JSON.stringify(order));

function showMessage(error) {
  const message = byId('message');
  const text = error instanceof TypeError ? 'the server does not answer: is dji-audit serve still running?' : error.message;
  message.textContent = capitalised(text);
  message.hidden = false;
  message.focus();
}

const chosenFolders = () => [...document.querySelectorAll('#folder_list input:checked')].map((it) => it.getAttribute('value'));
const chosenFindings = (table) => [...byId(table).querySelectorAll('input:checked')].map((it) => it.value);

function showWorkState(work) {
  const { job, results } = work;
  const isBusy = Boolean(job && job.state === 'running');
  byId('delivered').textContent = isSending ? byId('delivered').textContent : deliveredWords(work.delivered);
  showFolders(byId('folder_list'), work.folders);
  byId('allowed').hidden = !Object.keys(work.folders).length;
  for (const id of ['audit', 'acknowledge', 'take_back_now', 'make_dossier']) byId(id).disabled = isBusy || isSending;
  byId('stop').hidden = !isBusy;
  const progress = byId('progress');
  progress.hidden = !isBusy;
  if (isBusy && job.total) {
    progress.max = job.total;
    progress.value = job.done;
  } else {
    progress.removeAttribute('value');
  }
  byId('progress_text').textContent = isBusy ? progressWords(job) : '';
  const state = jobWords(job);
  if (byId('run_state').textContent !== state) byId('run_state').textContent = state;
  byId('verdict_line').textContent = work.fault || resultWords(results);
  byId('pages').hidden = !work.has_index;
  byId('no_pages').hidden = work.has_index || !results;
  byId('to_fleet').hidden = !work.has_fleet;
  byId('settle').hidden = !results || !results.open.length;
  byId('nothing').hidden = Boolean(results && results.open.length);
  byId('nothing').textContent = results ? 'No finding counts. What could not be checked is in the list of all flights.' : 'After the audit, findings are listed here.';
  byId('acknowledged_file').textContent = work.acknowledged_file;
  showFindings(results);
  showSettled(results);
  showDossiers(byId('dossiers'), work.dossiers);
  document.documentElement.dataset.ready = '1';
  return isBusy;
}

async function refreshWorkState() {
  window.clearTimeout(timer);
  try {
    wasBusy = showWorkState(await askServer('GET', 'work'));
  } catch (error) {
    showMessage(error);
  }
  timer = window.setTimeout(refreshWorkState, wasBusy ? WHILE_BUSY_MS : WHILE_IDLE_MS);
}

// What a person asks for is done at once, or the page says why not.
async function actAndRefresh(call) {
  byId('message').hidden = true;
  try {
    await call();
  } catch (error) {
    showMessage(error);
  }
  await refreshWorkState();
}

/** @param {{ name: string, file: File }[]} files */
async function deliverFiles(files) {
  if (!files.length) return;
  isSending = true;
  refused = [];
  try {
    const { delivery } = await askServer('POST', 'deliveries');
    for (const [number, { name, file }] of files.entries()) {
      byId('delivered').textContent = `Adding file ${number + 1} of ${files.length}: ${name}`;
      try {
        await askServer('PUT', `deliveries/${delivery}?${new URLSearchParams({ name })}`, file);
      } catch (error) {
        refused.push({ name, why: error.message });
      }
    }
  } finally {
    isSending = false;
    showRefused(refused);
  }
}

function makeDropPlace(place) {
  for (const kind of ['dragenter', 'dragover']) {
    place.addEventListener(kind, (event) => {
      event.preventDefault();
      byId('drop').classList.add('over');
    });
  }
  place.addEventListener('dragleave', () => byId('drop').classList.remove('over'));
  place.addEventListener('drop', (event) => {
    event.preventDefault();
    byId('drop').classList.remove('over');
    const found = droppedFiles(event.dataTransfer);
    actAndRefresh(async () => deliverFiles(await found));
  });
}

function deliverPickedFiles(input, button) {
  button.addEventListener('click', () => input.click());
  input.addEventListener('change', () => {
    const files = pickedFiles(input.files);
    input.value = '';
    actAndRefresh(() => deliverFiles(files));
  });
}

makeDropPlace(document.body);
deliverPickedFiles(byId('files'), byId('pick_files'));
deliverPickedFiles(byId('folder'), byId('pick_folder'));
byId('audit').addEventListener('click', () => actAndRefresh(() => postToServer('audit', { folders: chosenFolders() })));
byId('stop').addEventListener('click', () => actAndRefresh(() => postToServer('stop', {})));

// What a person decides about the findings chosen in a table is written down, with name and reason.
function sendDecision(form, address, table, by, reason) {
  byId(form).addEventListener('submit', (event) => {
    event.preventDefault();
    actAndRefresh(async () => {
      await postToServer(address, { fingerprints: chosenFindings(table), by: byId(by).value, reason: byId(reason).value });
      byId(reason).value = '';
      byId('look').focus();
    });
  });
}

sendDecision('settle', 'acknowledge', 'open_table', 'by', 'reason');
sendDecision('take_back', 'take-back', 'settled_table', 'taken_back_by', 'taken_back_reason');
byId('order').addEventListener('submit', (event) => {
  event.preventDefault();
  const stated = { reference: byId('reference').value, exhibit: byId('exhibit').value, made_by: byId('made_by').value };
  actAndRefresh(() => postToServer('dossier', { folders: chosenFolders(), case: stated, with_originals: byId('with_originals').checked }));
});
refreshWorkState();
