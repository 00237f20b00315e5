/** A file that cannot be read as an image, or that cannot be written. */
export class FileError extends Error {
  constructor(
    readonly code: 'unreadable' | 'unwritable',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'FileError';
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'the name is too long (255 bytes are the most on most disks)',
  ENOTDIR: 'a part of the path is not a folder',
  ENOSPC: 'no space left on the disk',
  EROFS: 'the disk is read-only',
  EDQUOT: 'no more space is allowed on the disk',
  EFBIG: 'no file may be that large here',
  ELOOP: 'its links lead in a circle',
  EMFILE: 'too many open files',
};

/** What went wrong, in words, without the error's own "ENOENT: …, open '…'". */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return (code && REASONS[code]) || error.message;
}
