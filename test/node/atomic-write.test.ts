import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { checkWritable, makeFolder, writeWhole } from '../../src/node/atomic-write.ts';
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
    await symlink('second.png', folder.at('first.png'));
    await symlink('third.png', folder.at('second.png'));
    // Above the folder that a link leads to, not above the link.
    await mkdir(folder.at('deep/est'), { recursive: true });
    await symlink('deep/est', folder.at('short'));
    await symlink('../up.png', folder.at('deep/est/up.png'));
    for (const [link, target] of [
      ['link.png', 'target.png'],
      ['ahead.png', 'later.png'],
      ['first.png', 'third.png'],
      ['short/up.png', 'deep/up.png'],
    ]) {
      await checkWritable(folder.at(link));
      await writeWhole(folder.at(link), 'new');
      expect((await lstat(folder.at(link))).isSymbolicLink()).toBe(true);
      expect(await readFile(folder.at(target), 'utf8')).toBe('new');
    }
  });

  it('refuses links that lead in a circle', async () => {
    await symlink('tail.png', folder.at('head.png'));
    await symlink('head.png', folder.at('tail.png'));
    await expect(checkWritable(folder.at('head.png'))).rejects.toMatchObject({ code: 'unwritable' });
  });

  it.skipIf(process.platform !== 'linux')('finds out before about what only writing tells', async () => {
    for (const path of ['/proc/x.png', '/sys/x.png', '/dev/full'])
      await expect(checkWritable(path)).rejects.toMatchObject({ code: 'unwritable' });
    for (const path of ['/proc/x', '/proc/x/y', `${folder.at('secret.png')}/x`])
      await expect(makeFolder(path)).rejects.toMatchObject({ code: 'unwritable' });
  });

  it('makes folders as deep as asked for, also where they are already', async () => {
    for (let i = 0; i < 2; i++) await makeFolder(folder.at('a/b/c'));
    expect((await stat(folder.at('a/b/c'))).isDirectory()).toBe(true);
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
