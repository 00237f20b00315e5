export function serveUi(options?: {
  port?: number;
  build?: () => Promise<string>;
}): Promise<{ port: number; close(): void }>;
