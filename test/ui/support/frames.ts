// Nests the panel as Figma does: this page → a frame with a content security policy that relays → a data: frame that
// writes the panel's HTML. The other kind is a sandboxed srcdoc frame, which is secure but has no origin.
import type { FrameKind } from './stage.ts';

declare const __CSP__: string;

/** The innermost frame waits for the panel's HTML and becomes it. */
const INNER = `<script>
  addEventListener('message', function take(event) {
    if (event.data.html === undefined) return;
    removeEventListener('message', take);
    document.open();
    document.write(event.data.html);
    document.close();
  });
  parent.postMessage('waiting', '*');
</script>`;

/** Relays in both directions. */
const relay = (policy: string) => `<meta http-equiv="Content-Security-Policy" content="${policy}">
<style>html, body, iframe { margin: 0; border: 0; width: 100%; height: 100%; display: block }</style>
<iframe src="data:text/html;charset=utf-8,${encodeURIComponent(INNER)}"></iframe>
<script>
  const inner = document.querySelector('iframe').contentWindow;
  addEventListener('message', (event) => {
    if (event.source === inner) parent.postMessage(event.data, '*');
    else inner.postMessage(event.data, '*');
  });
</script>`;

window.openPanel = async (html, kind: FrameKind, scenario) => {
  const frame = document.createElement('iframe');
  frame.setAttribute('sandbox', 'allow-scripts');
  const ready = new Promise<number>((resolve) => {
    let from = performance.now();
    addEventListener('message', (event) => {
      if (event.data === 'waiting') {
        from = performance.now();
        frame.contentWindow!.postMessage({ html }, '*');
      } else if (event.data?.pluginMessage?.type === 'ready') resolve(performance.now() - from);
    });
  });
  if (kind === 'insecure') frame.removeAttribute('sandbox');
  frame.srcdoc =
    kind === 'secure'
      ? html.replace('<head>', `<head><meta http-equiv="Content-Security-Policy" content="${__CSP__}">`)
      : relay(__CSP__.replace('worker-src blob:', `worker-src ${scenario.workers ?? 'blob:'}`));
  document.body.append(frame);
  window.played = window.playSandbox(scenario, frame.contentWindow!);
  return ready;
};
