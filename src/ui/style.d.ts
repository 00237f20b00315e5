// The bundler takes the style out of the script and puts it into the page.
declare module '*.css';
