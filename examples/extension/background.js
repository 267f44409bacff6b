// This service worker cannot run the networks, because dynamic imports are forbidden in it. The offscreen document runs them.
let opening;

async function openOffscreenDocument() {
  const open = await chrome.runtime.getContexts({ contextTypes: ['OFFSCREEN_DOCUMENT'] });
  if (open.length > 0) return;
  opening ??= chrome.offscreen
    .createDocument({ url: 'offscreen.html', reasons: ['WORKERS'], justification: 'Runs the networks in a worker.' })
    .finally(() => {
      opening = undefined;
    });
  await opening;
}

async function compare(photos) {
  await openOffscreenDocument();
  return chrome.runtime.sendMessage({ target: 'offscreen', photos });
}

chrome.runtime.onMessage.addListener(({ target, photos }, _sender, respond) => {
  if (target !== 'background') return;
  compare(photos).then(respond, ({ message }) => respond(message));
  // The response follows later.
  return true;
});
