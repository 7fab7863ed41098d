// Follows the requests as they arrive. The page is whole without this.

const ROWS = 200;
/** How often the status is told at most, in milliseconds: it is read aloud. */
const TOLD_EVERY = 5000;

const live = document.getElementById('live');
const body = document.getElementById('rows');
const status = document.getElementById('status');
const pause = document.getElementById('pause');
/** What stands there of an empty list. */
const none = status.textContent;

let source;
let paused = false;
let waiting = [];
let untold = { requests: 0, refused: 0 };
let telling;

function follow() {
  if (source || paused || document.hidden) return;
  source = new EventSource(live.dataset.source);
  source.onmessage = ({ data }) => {
    if (waiting.push(JSON.parse(data)) === 1) requestAnimationFrame(show);
  };
}

/** A hidden page follows nothing: a browser has few connections for each server. The list as it is then comes first. */
function leave() {
  source?.close();
  source = undefined;
}

/** Once a frame, whatever came since the last one. */
function show() {
  const batches = waiting;
  waiting = [];
  for (const batch of batches) {
    if (batch.whole) forgetAllBut(batch.rows);
    for (const html of batch.rows) put(html);
  }
  tellSoon();
}

function parse(html) {
  const template = document.createElement('template');
  template.innerHTML = html;
  return template.content.firstElementChild;
}

function forgetAllBut(rows) {
  const kept = new Set(rows.map((html) => parse(html).id));
  for (const row of [...body.children]) if (!kept.has(row.id)) row.remove();
}

const numberOf = (row) => Number(row.id.slice(1));

/** In the place of what is shown of the same request, or where its number belongs: the newest first. */
function put(html) {
  const row = parse(html);
  const shown = document.getElementById(row.id);
  if (shown) {
    const focused = shown.contains(document.activeElement);
    shown.replaceWith(row);
    if (focused) row.querySelector('a').focus();
  } else {
    untold.requests += 1;
    if (status.textContent === none) status.textContent = '';
    let next = body.firstElementChild;
    while (next && numberOf(next) > numberOf(row)) next = next.nextElementSibling;
    body.insertBefore(row, next);
    if (body.children.length > ROWS) dropOldest();
  }
  if (row.className === 'refused' && shown?.className !== 'refused') untold.refused += 1;
}

/** Never the one that the user is on. */
function dropOldest() {
  const last = body.lastElementChild;
  (last.contains(document.activeElement) ? last.previousElementSibling : last).remove();
}

function tellSoon() {
  if (!telling && untold.requests > 0) telling = setTimeout(tell, TOLD_EVERY);
}

function tell() {
  telling = undefined;
  const { requests, refused } = untold;
  untold = { requests: 0, refused: 0 };
  status.textContent = `${requests} new, ${refused} of them refused.`;
}

pause.hidden = false;
pause.addEventListener('click', () => {
  paused = !paused;
  pause.textContent = paused ? 'Go on' : 'Pause';
  status.textContent = paused ? 'Paused. What comes meanwhile is shown afterwards.' : 'Following.';
  if (paused) leave();
  else follow();
});
document.addEventListener('visibilitychange', () => (document.hidden ? leave() : follow()));
follow();
