// Which flights and contacts a number of the dashboard counts: the address of the page says it.

/** What stands in an address for "not known". */
export const NOT_KNOWN = '-';
/** Keys of the address whose value is one of the words of a column of flights. */
const WORD_KEYS = ['aircraft', 'serial', 'verdict', 'region', 'entry', 'app'];
/** Keys whose value is one of the words that a flight has several of. */
const LIST_KEYS = ['battery', 'firmware'];
/** Keys that choose contacts. */
const CONTACT_KEYS = ['host', 'claim', 'ldm'];
const RECORDED = { video: 'video_s', thermal: 'thermal_s', sound: 'audio_s' };
const NEARLY_WHOLE = 0.95;

/**
 * @typedef {{
 *   count: number,
 *   flights: Record<string, any[]>,
 *   words: Record<string, string[]>,
 *   outcomes: Record<string, string>,
 *   letters: Record<string, string>,
 *   signs: Record<string, [number, string]>,
 *   contacts: Record<string, any[]>,
 *   contacts_left_out: number,
 *   claims: string[],
 * }} FleetData
 */

/**
 * The choice that an address holds; null: it holds none.
 * @param {string} fragment what follows the sign #
 * @returns {Record<string, string> | null}
 */
export function selectionFromFragment(fragment) {
  const text = fragment.replace(/^#/, '');
  if (!text.includes('=')) return null;
  return Object.fromEntries(new URLSearchParams(text));
}

/**
 * The word of a column of flights, or null.
 * @param {FleetData} data
 * @param {string} column
 * @param {number} flight
 */
export function filterWordOfFlight(data, column, flight) {
  const index = data.flights[column][flight];
  return index < 0 ? null : data.words[column][index];
}

/**
 * The flights that a choice means, by number.
 * @param {FleetData} data
 * @param {Record<string, string>} choice
 * @returns {number[]}
 */
export function selectedFlights(data, choice) {
  const tests = flightTests(data, choice);
  const needsContact = CONTACT_KEYS.some((key) => choice[key] !== undefined);
  const ofContacts = needsContact ? new Set(selectedContacts(data, choice).map((row) => data.contacts.flight[row])) : null;
  const found = [];
  for (let flight = 0; flight < data.count; flight += 1) {
    if (ofContacts && !ofContacts.has(flight)) continue;
    if (tests.every((test) => test(flight))) found.push(flight);
  }
  return found;
}

function flightTests(data, choice) {
  const tests = [];
  for (const key of WORD_KEYS) {
    if (choice[key] === undefined) continue;
    const index = choice[key] === NOT_KNOWN ? -1 : data.words[key].indexOf(choice[key]);
    // A word that no flight has chooses none.
    if (index < 0 && choice[key] !== NOT_KNOWN) tests.push(() => false);
    else tests.push((flight) => data.flights[key][flight] === index);
  }
  for (const key of LIST_KEYS) {
    if (choice[key] === undefined) continue;
    tests.push((flight) => (filterWordOfFlight(data, key, flight) || '').split('; ').includes(choice[key]));
  }
  if (choice.month !== undefined) {
    tests.push((flight) => {
      const month = filterWordOfFlight(data, 'month', flight);
      return choice.month === NOT_KNOWN ? month === null : Boolean(month && month.startsWith(choice.month));
    });
  }
  if (choice.flight !== undefined) tests.push((flight) => data.flights.flight[flight] === choice.flight);
  if (choice.rule !== undefined) {
    const letters = data.outcomes[choice.rule] || '';
    const wanted = choice.outcome ? data.letters[choice.outcome] : null;
    tests.push((flight) => (wanted ? letters[flight] === wanted : Boolean(letters[flight]) && letters[flight] !== '-'));
  }
  if (choice.sign !== undefined) {
    const bit = data.signs[choice.sign] ? data.signs[choice.sign][0] : 0;
    tests.push((flight) => Boolean(data.flights.signs[flight] & bit));
  }
  if (choice.recorded !== undefined) {
    const column = RECORDED[choice.recorded];
    tests.push((flight) => (column ? data.flights[column][flight] > 0 : data.flights.video_s[flight] === null && flightHasLog(data, flight)));
  }
  if (choice.network !== undefined) {
    const least = choice.network === 'full' ? NEARLY_WHOLE : Number.MIN_VALUE;
    tests.push((flight) => data.flights.network_share[flight] >= least);
  }
  if (choice.findings !== undefined) tests.push((flight) => data.flights.findings[flight] > 0);
  if (choice.checked !== undefined) tests.push((flight) => data.flights.not_assessable[flight] === 0 && flightHasLog(data, flight) && flightIsChecked(data, flight));
  return tests;
}

const flightHasLog = (data, flight) => filterWordOfFlight(data, 'entry', flight) === 'log';

// Whether some rule could be checked.
function flightIsChecked(data, flight) {
  const { pass, fail, fail_acknowledged: settled, fail_authorised: authorised } = data.letters;
  return Object.values(data.outcomes).some((letters) => [pass, fail, settled, authorised].includes(letters[flight]));
}

/**
 * The contacts that a choice means, by number, in the order of the page.
 * @param {FleetData} data
 * @param {Record<string, string>} choice
 * @returns {number[]}
 */
export function selectedContacts(data, choice) {
  const { contacts } = data;
  const tests = flightTests(data, Object.fromEntries(Object.entries(choice).filter(([key]) => key !== 'month')));
  const isOfFlights = tests.length > 0;
  const found = [];
  for (let row = 0; row < contacts.host.length; row += 1) {
    const flight = contacts.flight[row];
    if (choice.host !== undefined && contacts.host[row] !== choice.host) continue;
    if (choice.claim !== undefined && contacts.claim[row] !== choice.claim) continue;
    if (choice.ldm !== undefined && !String(contacts.local_data_mode[row] || '').startsWith('fail')) continue;
    if (choice.month !== undefined && !isWithinMonth(data, row, choice.month)) continue;
    // Of no flight: only what is not known of flights chooses it.
    if (isOfFlights && flight < 0 && !isOfNothingKnown(choice)) continue;
    if (flight >= 0 && !tests.every((test) => test(flight))) continue;
    found.push(row);
  }
  return found;
}

const isOfNothingKnown = (choice) => [...WORD_KEYS, ...LIST_KEYS, 'flight', 'rule', 'sign', 'recorded', 'network', 'findings', 'checked'].every((key) => choice[key] === undefined || choice[key] === NOT_KNOWN);

// A contact counts in the month of its flight, else in its own.
function isWithinMonth(data, row, month) {
  const flight = data.contacts.flight[row];
  const own = (flight >= 0 && filterWordOfFlight(data, 'month', flight)) || String(data.contacts.first[row] || '').slice(0, 7);
  return own.startsWith(month);
}

const KEY_WORDS = { month: 'month', aircraft: 'model', serial: 'aircraft', verdict: 'verdict', region: 'region', entry: 'entry', app: 'app', battery: 'battery', firmware: 'firmware', flight: 'flight', rule: 'rule', outcome: 'outcome', sign: 'trouble', recorded: 'recorded', network: 'network recorded', findings: 'findings', checked: 'checked', host: 'talked to', claim: 'grade', ldm: 'Local Data Mode' };

/**
 * A choice in words.
 * @param {FleetData} data
 * @param {Record<string, string>} choice
 */
export function selectionDescription(data, choice) {
  return Object.entries(choice)
    .filter(([key]) => KEY_WORDS[key])
    .map(([key, value]) => `${KEY_WORDS[key]} ${value === NOT_KNOWN ? 'not known' : key === 'sign' && data.signs[value] ? data.signs[value][1] : value.replaceAll('_', ' ')}`)
    .join(', ');
}
