export function serveFolder(
  folder: string,
  options?: { port?: number },
): Promise<{ address: string; close(): void }>;
