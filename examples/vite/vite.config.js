export default {
  base: './',
  worker: { format: 'es' }, // the engine's parts stay apart, and only those that are used are loaded
  // Threads with shared memory, where a page is served so; without, the engine uses workers alone.
  server: {
    headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' },
  },
};
