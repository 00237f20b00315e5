// The page: draws what the worker sends. The engine itself is only in the worker.
const [input, button, said, canvas] = ['input', 'button', 'output', 'canvas'].map((name) =>
  document.querySelector(name),
);
const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });

input.onchange = () => {
  worker.postMessage({ file: input.files[0] });
  button.disabled = false;
};
button.onclick = () => worker.postMessage({ stop: true });

worker.onmessage = ({ data: { image, words, over } }) => {
  if (image) {
    canvas.width = image.width;
    canvas.height = image.height;
    canvas.getContext('2d').putImageData(image, 0, 0);
  }
  said.value = words;
  if (over) button.disabled = true;
};
