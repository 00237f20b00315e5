import { AUTOMATIC_EXECUTORS, type AutomaticExecutor } from '../../engine/choices.ts';
import type { Controller } from '../controller.ts';
import { isBusy, type SpeedTest, type State } from '../state.ts';
import { policyRows } from '../trials.ts';
import type { Abilities, GpuAbility } from '../worker/methods.ts';
import type { Probed } from '../worker/threads.ts';
import { button, el, type View } from './dom.ts';
import { copyText } from './message.ts';

/** Facts for a bug report, ready to paste. */
export class Diagnostics implements View {
  readonly element: HTMLElement;
  readonly #facts = el('dl', { class: 'facts' });
  readonly #messages: HTMLButtonElement;
  #rows: readonly Row[] = [];
  #shown = '';

  constructor(readonly panel: Controller) {
    const copy = button('Copy', 'button primary', () => {
      copyText(this.#rows.map(([name, value]) => `${name}: ${value}`).join('\n'));
      copy.textContent = 'Copied';
      panel.store.set({ says: 'Diagnostics copied.' });
      setTimeout(() => {
        copy.textContent = 'Copy';
      }, 2000);
    });
    this.#messages = button('Try large messages', 'button wide', () => void panel.tryMessages());
    const back = button('Back', 'button', () => panel.closeDiagnostics());
    this.element = el(
      'section',
      { 'aria-label': 'Diagnostics', class: 'page' },
      el('header', { class: 'head' }, el('h1', {}, 'Diagnostics')),
      this.#facts,
      el(
        'footer',
        { class: 'foot', style: 'padding-bottom: 12px' },
        el('div', { class: 'buttons' }, this.#messages, back, copy),
      ),
    );
  }

  render(state: State): void {
    this.element.hidden = state.view !== 'diagnostics';
    if (this.element.hidden) return;
    this.#messages.disabled =
      isBusy(state) || state.messageTrials.some(([, outcome]) => outcome === 'on its way');
    this.#rows = factRows(state, this.panel.engines.abilities);
    const signature = JSON.stringify(this.#rows);
    if (signature === this.#shown) return;
    this.#shown = signature;
    this.#facts.replaceChildren(
      ...this.#rows.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]),
    );
  }
}

type Row = readonly [name: string, value: string];

declare const __VERSION__: string;

const yesNo = (flag: boolean) => (flag ? 'yes' : 'no');

function factRows(
  { engine, facts, settings, speeds, codeTrials, messageTrials }: State,
  abilities: Probed | undefined,
): Row[] {
  const rows: Row[] = [
    ['prior-art', __VERSION__],
    ['Engine', engine ? `${engine.label}, in the ${engine.where}` : 'not found yet'],
    ['Why', engine?.why ?? '–'],
    ['Chosen', settings.executor],
    ['Frame', `${location.protocol} origin ${self.origin}`],
    ['isSecureContext', yesNo(isSecureContext)],
    ['navigator.gpu', yesNo('gpu' in navigator)],
  ];
  if (abilities)
    rows.push(...abilityRows('Page', abilities.page), ...abilityRows('Worker', abilities.worker));
  for (const name of AUTOMATIC_EXECUTORS)
    rows.push([`Speed: ${ENGINE_WORDS[name]}`, speedWords(speeds[name])]);
  rows.push(...codeTrials, ...policyRows(), ...messageTrials);
  if (facts) {
    const { apiVersion, editorType, mode, pluginId, findings } = facts;
    rows.push(['Figma', `API ${apiVersion}, ${editorType}, ${mode}, ${pluginId}`]);
    for (const finding of findings) rows.push(['Finding', finding]);
  }
  rows.push(['Browser', navigator.userAgent]);
  return rows;
}

const ENGINE_WORDS: Readonly<Record<AutomaticExecutor, string>> = {
  webgpu: 'WebGPU',
  webgl2: 'WebGL2',
  wasm: 'WASM',
};

function speedWords(test: SpeedTest | undefined): string {
  if (test === undefined || test === 'waiting') return 'waiting';
  if (test === 'running') return 'measuring for a second';
  if ('failure' in test) return test.failure;
  const { msPerStep, startMs, steps } = test;
  const ms = msPerStep < 10 ? msPerStep.toFixed(1) : String(Math.round(msPerStep));
  return `${ms} ms a step, mean of ${steps}; ${(startMs / 1000).toFixed(1)} s to start`;
}

function abilityRows(where: string, abilities: Abilities): Row[] {
  const { webgpu, webgl2, wasm, isolated, cores } = abilities;
  const gpu = ({ adapter, problem }: GpuAbility) => [adapter ?? 'no', problem].filter(Boolean).join(', ');
  return [
    [`${where}: WebGPU`, gpu(webgpu)],
    [`${where}: WebGL2`, gpu(webgl2)],
    [`${where}: WASM`, yesNo(wasm)],
    [`${where}: isolated`, `${yesNo(isolated)}, ${cores} cores`],
  ];
}
