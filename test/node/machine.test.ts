import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findChromium, findVulkan, testEnvironment } from '../../scripts/machine.mjs';
import { temporaryFolder } from '../support/folder.ts';

const folder = temporaryFolder();

async function fakeBrowser(name: string) {
  await mkdir(dirname(folder.at(name)), { recursive: true });
  await writeFile(folder.at(name), '');
  return folder.at(name);
}

describe('what a machine offers', () => {
  it('finds a browser on the path, by any of its names, unless one is named', async () => {
    const chrome = await fakeBrowser('bin/google-chrome');
    expect(findChromium({ PATH: `/nowhere:${folder.at('bin')}` })).toBe(chrome);
    expect(findChromium({ PATH: folder.at('bin'), PRIOR_ART_CHROMIUM: '/nowhere/chrome' })).toBeUndefined();
  });

  it.runIf(process.platform === 'linux')('takes the Vulkan driver that lies beside the browser', async () => {
    const chrome = await fakeBrowser('opt/chrome');
    const driver = await fakeBrowser('opt/vk_swiftshader_icd.json');
    const env = { PRIOR_ART_CHROMIUM: chrome, LD_LIBRARY_PATH: '/lib/mine', XDG_RUNTIME_DIR: '/run/me' };
    expect(findVulkan(env)).toEqual({
      kind: 'swiftshader',
      env: {
        LD_LIBRARY_PATH: `${folder.at('opt')}:/lib/mine`,
        VK_ICD_FILENAMES: driver,
        XDG_RUNTIME_DIR: '/run/me',
      },
    });
    expect(testEnvironment(env)).toMatchObject({ PRIOR_ART_CHROMIUM: chrome, VK_ICD_FILENAMES: driver });
  });

  it.runIf(process.platform === 'linux')('leaves a driver that was chosen alone', () => {
    expect(findVulkan({ VK_ICD_FILENAMES: '/some/icd.json' })?.kind).toBe('environment');
  });
});
