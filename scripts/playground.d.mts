export function servePlayground(options?: {
  port?: number;
  engine?: string;
}): Promise<{ address: string; close(): void }>;
