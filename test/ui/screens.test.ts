import { afterAll, beforeAll, expect, it } from 'vitest';
import { styleQuestion } from '../../src/plugin/style-question.ts';
import { PANEL_MIN } from '../../src/wire/settings.ts';
import { SEEDS } from './support/fake-engine.ts';
import { type Hands, hands } from './support/hands.ts';
import { problemsOf } from './support/looks.ts';
import type { Scenario } from './support/sandbox.ts';
import { cleanImage, oneImage, severalImages, target, withArea } from './support/scenarios.ts';
import { compareScreenshot } from './support/screenshot.ts';
import { type ShowOptions, Stage } from './support/stage.ts';
import { setTheme } from './support/theme.ts';

/** Every state of the panel: how to get there, and the words that must stand in it. */
interface Screen {
  readonly scenario: () => Promise<Scenario>;
  readonly reach: (hands: Hands) => Promise<void>;
  readonly says: RegExp;
  readonly options?: ShowOptions;
}

const ready = async (panel: Hands) => {
  await panel.waitForPhase(/ready/);
  await panel.timesKnown();
};
const start = (seed: number | undefined, name: RegExp) => async (panel: Hands) => {
  await ready(panel);
  if (seed !== undefined) await panel.seed(seed);
  await panel.press(name);
};
const nothing = { selection: { targets: [], masks: [], problems: [] }, files: {}, masks: {} };

const SCREENS: Record<string, Screen> = {
  empty: {
    scenario: async () => nothing,
    reach: (panel) => panel.waitForPhase(/Nothing selected/),
    says: /Select an image/,
  },
  unsupported: {
    scenario: async () => ({
      ...nothing,
      selection: {
        ...nothing.selection,
        problems: [
          {
            code: 'no-image',
            words: 'This layer has no image fill. Select a rectangle or frame with an image.',
            nodeId: '1:1',
          },
        ],
      },
    }),
    reach: (panel) => panel.waitForPhase(/cannot be restored/),
    says: /no image fill/,
  },
  reading: {
    scenario: () => oneImage({ silent: true }),
    reach: (panel) => panel.waitForPhase(/Reading/),
    says: /Reading the image/,
  },
  ready: { scenario: oneImage, reach: ready, says: /Restore · about/ },
  'ready-small': {
    scenario: oneImage,
    reach: ready,
    says: /Restore · about/,
    options: { width: 280, height: 420 },
  },
  'ready-engine': {
    scenario: oneImage,
    reach: async (panel) => {
      await ready(panel);
      await panel.press(/Processor/);
    },
    says: /graphics card is not usable: SwiftShader only imitates one/,
  },
  'left-out': {
    scenario: () =>
      oneImage({
        selection: {
          targets: [target('1:1', 'Evening at the pier')],
          masks: [{ nodeId: '2:1', name: 'Ellipse 4' }],
          problems: [
            {
              code: 'mask-outside',
              words: '“Ellipse 4” does not lie over a selected image. Move it there, or leave it out.',
            },
          ],
        },
      }),
    reach: ready,
    says: /“Ellipse 4” does not lie over/,
  },
  unreadable: {
    scenario: () => oneImage({ files: {} }),
    reach: (panel) => panel.button(/Copy details/).waitFor(),
    says: /Wait a moment and select it again/,
  },
  fill: { scenario: withArea, reach: ready, says: /Area to fill: .*Ellipse 4, Line 2/ },
  'fill-details': {
    scenario: withArea,
    reach: async (panel) => {
      await ready(panel);
      await panel.openDetails();
      await panel.fill('Feather', 6);
      await panel.areaSays(/1[23] % of the image/);
    },
    says: /Grow area/,
    options: { width: 320, height: 672 },
  },
  'fill-drawn': {
    scenario: oneImage,
    reach: async (panel) => {
      await ready(panel);
      await panel.choose('Fill');
      await panel.brush([60, 60], [200, 90]);
      await panel.areaSays(/drawn/);
      await panel.choose('Erase');
      await panel.brush([130, 30], [130, 110]);
      await panel.choose('Avoid');
      await panel.areaSays(/Paint over what is not to be copied/);
      await panel.brush([60, 150], [200, 150]);
      await panel.areaSays(/blue/);
      await panel.timesKnown();
    },
    says: /Area to fill: 5 % of the image · drawn, avoids the blue/,
  },
  upscale: {
    scenario: () => oneImage({ command: 'upscale' }),
    reach: ready,
    says: /480 × 360 → 960 × 720 px/,
  },
  'upscale-details': {
    scenario: () => oneImage({ command: 'upscale' }),
    reach: async (panel) => {
      await ready(panel);
      await panel.openDetails();
    },
    says: /Reduced by[\s\S]*Pixel art/,
  },
  clean: {
    scenario: () => cleanImage(),
    reach: ready,
    says: /Nothing to restore: no noise and no JPEG compression found.[\s\S]*Restore anyway/,
  },
  'several-clean': {
    scenario: () => severalImages({}, [0, 2]),
    reach: ready,
    says: /Nothing to restore in 2 of 4 images: left as they are.[\s\S]*Restore 2 images/,
  },
  'running-first': {
    scenario: oneImage,
    reach: async (panel) => {
      await start(SEEDS.holdsFirst, /Restore · about/)(panel);
      await panel.held('first answer');
    },
    says: /Restoring: first answer\s+In about 1 s/,
  },
  running: {
    scenario: oneImage,
    reach: async (panel) => {
      await start(SEEDS.holds, /Restore · about/)(panel);
      await panel.held();
    },
    says: /Refining\s+About 8 s left/,
  },
  'running-details': {
    scenario: oneImage,
    reach: async (panel) => {
      await start(SEEDS.holds, /Restore · about/)(panel);
      await panel.openDetails();
      await panel.held();
    },
    says: /Network: step 160 of at most 320/,
  },
  leaving: {
    scenario: oneImage,
    reach: async (panel) => {
      await start(SEEDS.holds, /Restore · about/)(panel);
      await panel.held();
      await panel.later(240_000);
      await panel.press('Cancel');
    },
    says: /Stop after 4 min of work\?[\s\S]*Keep what there is\s+Throw it away\s+Go on/,
  },
  cropped: {
    scenario: () =>
      oneImage({
        shown: { width: 180, height: 120, matrix: [0, 0.5, -0.5, 0, 180, -120] },
        filters: { temperature: 0.8, contrast: -0.4 },
      }),
    reach: ready,
    says: /Whole image/,
  },
  'in-pieces': {
    scenario: async () => ({
      ...nothing,
      selection: {
        ...nothing.selection,
        problems: [
          {
            code: 'in-pieces',
            words:
              '“Evening · restored” is a result in pieces. Start from the original, or compare and revert it.',
            nodeId: '1:1',
          },
        ],
      },
    }),
    reach: (panel) => panel.waitForPhase(/cannot be restored/),
    says: /Start from the original/,
  },
  'done-partly': {
    scenario: oneImage,
    reach: async (panel) => {
      await start(SEEDS.holds, /Restore · about/)(panel);
      await panel.held();
      await panel.press(/Stop and keep/);
      await panel.waitForPhase(/Partly refined/);
      await panel.openDetails();
    },
    says: /Partly refined, stopped after 15 s[\s\S]*Not in the document yet[\s\S]*93 % of the change/,
  },
  done: {
    scenario: oneImage,
    reach: async (panel) => {
      await start(undefined, /Restore · about/)(panel);
      await panel.waitForPhase(/Restored in/);
    },
    says: /Inserted as “Evening at the pier · restored”/,
  },
  'done-not-inserted': {
    scenario: () =>
      oneImage({
        refuseWrite: { code: 'read-only', words: 'This file is read-only, so nothing was inserted.' },
      }),
    reach: async (panel) => {
      await start(undefined, /Restore · about/)(panel);
      await panel.waitForPhase(/Restored in/);
    },
    says: /Insert as new layer/,
  },
  several: { scenario: severalImages, reach: ready, says: /Restore 4 images/ },
  'several-running': {
    scenario: severalImages,
    reach: async (panel) => {
      await start(SEEDS.holds, /Restore 4 images/)(panel);
      await panel.held();
      await panel.press(/Stop and keep/);
      await panel.waitForPhase(/Restoring Ferry/);
      await panel.held();
    },
    says: /Refining 2 of 4/,
  },
  failed: {
    scenario: oneImage,
    reach: async (panel) => {
      await start(SEEDS.diverges, /Restore · about/)(panel);
      await panel.button(/Copy details/).waitFor();
    },
    says: /did not settle/,
  },
  recovered: {
    scenario: () => oneImage({ settings: { executor: 'webgpu' } }),
    reach: async (panel) => {
      await start(SEEDS.losesGpu, /Restore · about/)(panel);
      await panel.waitForPhase(/Restored in/);
    },
    says: /stopped answering; the processor goes on/,
    options: { kind: 'secure' },
  },
  question: {
    scenario: () =>
      oneImage({
        command: 'upscale',
        question: styleQuestion('Evening at the pier', 'Brand / Hero image', 'replaced', true),
      }),
    reach: async (panel) => {
      await start(undefined, /Upscale 2× · about/)(panel);
      await panel.waitForPhase(/One question/);
    },
    says: /Change this layer only\s+Change the style everywhere\s+Not now/,
  },
  restored: {
    scenario: () =>
      oneImage({
        selection: {
          targets: [target('1:1', 'Evening at the pier · restored', { restored: true })],
          masks: [],
          problems: [],
        },
      }),
    reach: ready,
    says: /Compare/,
  },
};

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open('test/ui/support/fake-engine.ts');
});
afterAll(() => stage?.close());

/** WIDTHS=280,480 shoots the screens that wide, for looking at, into out/screens. */
const WIDTHS = (process.env.WIDTHS ?? '').split(',').filter(Boolean).map(Number);

it.each(Object.keys(SCREENS))('%s', async (name) => {
  const { scenario, reach, says, options } = SCREENS[name]!;
  const shown = await stage.show(await scenario(), options);
  const panel = hands(shown.frame);
  await reach(panel);
  await panel.rest();
  expect(await panel.text()).toMatch(says);
  const wrong = await shown.page.evaluate(() => window.played.refused);
  for (const width of WIDTHS) {
    await shown.page.setViewportSize({ width, height: options?.height ?? 560 });
    for (const theme of ['light', 'dark'] as const) {
      await setTheme(shown.frame, theme);
      wrong.push(...(await problemsOf(shown.frame)));
      await shown.page.screenshot({ path: `out/screens/${name}-${width}-${theme}.png` });
    }
  }
  for (const theme of WIDTHS.length > 0 ? [] : (['light', 'dark'] as const)) {
    await setTheme(shown.frame, theme);
    wrong.push(...(await problemsOf(shown.frame)));
    const difference = await compareScreenshot(await shown.page.screenshot(), `${name}-${theme}`);
    if (difference) wrong.push(difference);
  }
  await shown.page.setViewportSize({ ...PANEL_MIN, height: options?.height ?? 560 });
  wrong.push(...(await problemsOf(shown.frame)).map((problem) => `at its narrowest: ${problem}`));
  await shown.close();
  expect(wrong).toEqual([]);
});
