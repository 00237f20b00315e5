export const PAGES: readonly {
  readonly path: string;
  readonly parts: readonly (readonly [file: string, ...sections: string[]])[];
}[];
