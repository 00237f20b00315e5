// Before to the left of the handle, after to its right.
for (const slider of document.querySelectorAll('.slider')) {
  const input = slider.querySelector('input');
  const show = () => slider.style.setProperty('--at', `${input.value}%`);
  input.addEventListener('input', show);
  show();
}
