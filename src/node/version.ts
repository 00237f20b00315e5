declare const __VERSION__: string;

/** The package's version, set by the build. */
export const version = __VERSION__;
