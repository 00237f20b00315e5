export function buildSite(options: {
  out: string;
  api?: boolean;
  examples?: string[];
  engine?: string;
}): Promise<void>;
