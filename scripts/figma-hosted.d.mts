export function writeHosted(folder: string, engine?: string): Promise<void>;
