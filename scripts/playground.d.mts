export function servePlayground(options?: {
  port?: number;
  engine?: string;
  folder?: string;
}): Promise<{ address: string; close(): void }>;
