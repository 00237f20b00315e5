// The worker: one restoration at a time, previews while it runs, the best so far when it is stopped.
import { restoration } from 'prior-art/browser';

let run;

addEventListener('message', async ({ data: { file, stop } }) => {
  if (stop) return run?.stop();
  try {
    run = restoration(file, { task: 'auto', quality: 'fast' });
    for await (const { preview, done } of run)
      postMessage({
        words: `${Math.round(100 * done)} %`,
        image: preview && new ImageData(preview.data, preview.width, preview.height),
      });
    const { image, task } = await run.result;
    postMessage({
      image,
      words: task === 'none' ? 'There is nothing to restore.' : `Done: ${task}.`,
      over: true,
    });
  } catch (error) {
    postMessage({ words: error.message, over: true });
  }
});
