import { chmod, lstat, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { checkWritable, writeWhole } from '../../src/node/atomic-write.ts';
import { temporaryFolder } from '../support/folder.ts';

const folder = temporaryFolder();

describe('writing whole or not at all', () => {
  it('takes names up to the 255 bytes of a name, and refuses longer ones before anything is done', async () => {
    for (const name of [`${'a'.repeat(251)}.png`, `${'あ'.repeat(83)}.tif`]) {
      await checkWritable(folder.at(name));
      await writeWhole(folder.at(name), name);
      expect(await readFile(folder.at(name), 'utf8')).toBe(name);
    }
    await expect(checkWritable(folder.at(`${'あ'.repeat(84)}.png`))).rejects.toMatchObject({
      code: 'unwritable',
      message: expect.stringContaining('too long'),
    });
  });

  it('keeps the mode of what it replaces', async () => {
    const path = folder.at('secret.png');
    await writeFile(path, 'old');
    await chmod(path, 0o600);
    await writeWhole(path, 'new');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, 'utf8')).toBe('new');
  });

  it('replaces what a link leads to, not the link, and follows one that leads nowhere yet', async () => {
    await writeFile(folder.at('target.png'), 'old');
    await symlink('target.png', folder.at('link.png'));
    await symlink('later.png', folder.at('ahead.png'));
    for (const [link, target] of [
      ['link.png', 'target.png'],
      ['ahead.png', 'later.png'],
    ]) {
      await checkWritable(folder.at(link));
      await writeWhole(folder.at(link), 'new');
      expect((await lstat(folder.at(link))).isSymbolicLink()).toBe(true);
      expect(await readFile(folder.at(target), 'utf8')).toBe('new');
    }
  });

  it('leaves no temporary file, and removes those that killed processes left of the same file', async () => {
    const temporaries = async () =>
      (await readdir(folder.at('.'))).filter((name) => name.startsWith('.prior-art-'));
    let seen = '';
    await expect(
      writeWhole(folder.at('a.png'), {
        // Looked at while the temporary file is there.
        async *[Symbol.asyncIterator]() {
          [seen] = await temporaries();
          yield '';
          throw new Error('stop');
        },
      } as unknown as string),
    ).rejects.toMatchObject({ code: 'unwritable' });
    expect(await temporaries()).toEqual([]);
    const gone = seen.replace(`-${process.pid}-`, '-999999999-');
    expect(gone).not.toBe(seen);
    const [stale, running, young] = [gone, seen, gone.replace('.tmp', '0.tmp')];
    for (const name of [stale, running, young]) await writeFile(folder.at(name), '');
    const old = new Date(Date.now() - 3_600_000);
    for (const name of [stale, running]) await utimes(folder.at(name), old, old);
    await checkWritable(folder.at('b.png'));
    expect((await temporaries()).length).toBe(3);
    await checkWritable(folder.at('a.png'));
    expect((await temporaries()).sort()).toEqual([running, young].sort());
  });
});
