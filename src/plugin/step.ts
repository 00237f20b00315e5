/** One undo step; layers in `made` are removed again if the change fails half-way. */
export function asOneStep<T>(change: (made: SceneNode[]) => T): T {
  const made: SceneNode[] = [];
  figma.commitUndo();
  try {
    return change(made);
  } catch (error) {
    for (const node of made) if (!node.removed) node.remove();
    throw error;
  } finally {
    figma.commitUndo();
  }
}
