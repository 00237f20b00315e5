import type { Stroke } from '../worker/methods.ts';

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** A round brush along its points, in the context's colour; one point is a dot. */
export function drawStroke(context: Context, { points, radius, brush }: Stroke): void {
  context.save();
  if (brush === 'erase') context.globalCompositeOperation = 'destination-out';
  context.lineCap = 'round';
  context.lineJoin = 'round';
  context.lineWidth = 2 * radius;
  context.beginPath();
  context.moveTo(points[0]!, points[1]!);
  for (let i = 0; i < points.length; i += 2) context.lineTo(points[i]!, points[i + 1]!);
  context.stroke();
  context.restore();
}
