/** Runs the built plugin in this page: dist/code.js on the double of Figma, dist/ui.html in a frame of its own. */
import { CLOSED, Double, type DoubleEvent, type Manifest } from '../figma-double/double.ts';
import { drawSvg, type ImageSource } from '../figma-double/svg.ts';
import { pack } from '../figma-double/wire.ts';
import { withTheme } from '../test/ui/support/theme.ts';

export interface Built {
  readonly manifest: Manifest;
  readonly code: string;
  readonly ui: string;
}

/** What a visitor would do: press the primary button as soon as there is one. */
const BEGIN = `<script>
const looking = setInterval(() => {
  const button = document.querySelector('.foot .button.primary');
  if (!button || button.hidden || button.disabled) return;
  clearInterval(looking);
  button.click();
}, 50);
</script>`;

export class PluginHost {
  readonly double: Double;
  readonly sources = new Map<string, ImageSource>();
  private frame: HTMLIFrameElement | undefined;
  private begun = false;

  constructor(
    private readonly built: Built,
    private readonly place: HTMLElement,
    private readonly onEvent: (event: DoubleEvent) => void,
    private readonly onChange: () => void,
  ) {
    this.double = new Double(built.manifest, {
      post: (message) => this.post(message),
      render: (scene, box, scale) =>
        this.render(drawSvg(scene, box, scale, (hash) => this.sources.get(hash))),
      imageAdded: (hash, { bytes, width, height }) =>
        this.sources.set(hash, { href: dataUrl(bytes), width, height }),
      event: (event) => this.take(event),
    });
    // Figma ends the script of a plugin that is closed; here what it still waits for comes, and finds the API gone.
    addEventListener('unhandledrejection', (event) => {
      if (event.reason instanceof Error && event.reason.message === CLOSED) event.preventDefault();
    });
    addEventListener('message', ({ data, source }: MessageEvent<{ pluginMessage?: unknown } | undefined>) => {
      if (data?.pluginMessage === undefined || source !== this.frame?.contentWindow) return;
      pack(data.pluginMessage); // throws on what Figma would not pass
      this.double.receive(data.pluginMessage);
      this.soon();
    });
  }

  close(): void {
    if (!this.double.closed) this.double.closeByUser();
    this.closePanel();
  }

  /** A command of the menu or of a relaunch button; `begun`: its panel presses its own primary button, at this quality. */
  run(command: string, begun?: { readonly quality: string }): void {
    this.close();
    this.begun = begun !== undefined;
    this.double.restart();
    // The sandbox sees nothing of the page: its globals are these parameters.
    const names = ['figma', '__html__', 'window', 'document', 'globalThis', 'self'];
    new Function(...names, this.built.code)(this.double.figma, this.built.ui);
    this.double.run(command, begun);
    this.soon();
  }

  /** What the plugin changes later (it waits for files and pixels) shows up by itself. */
  private soon(): void {
    for (const delay of [0, 60, 300]) setTimeout(this.onChange, delay);
  }

  private post(message: unknown): void {
    pack(message);
    this.frame?.contentWindow?.postMessage({ pluginMessage: message }, '*');
    this.soon();
  }

  private take(event: DoubleEvent): void {
    if (event.type === 'panel') this.openPanel(event.width, event.height);
    if (event.type === 'resize' && this.frame) resize(this.frame, event.width, event.height);
    if (event.type === 'close') this.closePanel();
    this.onEvent(event);
  }

  private openPanel(width: number, height: number): void {
    this.closePanel();
    const frame = document.createElement('iframe');
    frame.title = 'Prior Art';
    // A sandboxed frame has no origin, as in Figma, but is secure, so that WebGPU can be tried.
    frame.setAttribute('sandbox', 'allow-scripts');
    const dark = matchMedia('(prefers-color-scheme: dark)').matches;
    const page = withTheme(this.built.ui).replace('class="figma-light"', dark ? 'class="figma-dark"' : '$&');
    frame.srcdoc = this.begun ? page.replace(/(?=<\/body>\s*<\/html>)/, () => BEGIN) : page;
    this.begun = false;
    resize(frame, width, height);
    this.place.append(frame);
    this.frame = frame;
  }

  private closePanel(): void {
    this.frame?.remove();
    this.frame = undefined;
  }

  private async render(svg: string): Promise<Uint8Array> {
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
    await image.decode();
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
    canvas.getContext('2d')!.drawImage(image, 0, 0);
    return new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer());
  }
}

function resize(frame: HTMLIFrameElement, width: number, height: number): void {
  frame.width = String(width);
  frame.height = String(height);
}

function dataUrl(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 0x8000)
    text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return `data:image/${bytes[0] === 0xff ? 'jpeg' : 'png'};base64,${btoa(text)}`;
}
