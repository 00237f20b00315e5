export function buildUi(options?: { outfile?: string; engine?: string; hosted?: string }): Promise<string>;
