"""Classical restorers, for comparison: peers.py TASK FOLDER

FOLDER has damaged.png and, for inpainting, mask.png (white = known); for up-scaling, size.json with the result's size.
Writes NAME.png for each peer whose package is installed and prints one JSON line {"peer", "seconds"} each.
"""
import json, os, sys, time

import numpy as np


def available(name):
    try:
        return __import__(name)
    except ImportError:
        return None


def main(task, folder):
    from PIL import Image
    read = lambda name: np.asarray(Image.open(os.path.join(folder, name)))
    damaged = read("damaged.png")
    x = damaged.astype("f4") / 255
    channel_axis = -1 if x.ndim == 3 else None
    skimage, cv2 = available("skimage"), available("cv2")

    def peer(name, restore):
        start = time.time()
        out = restore()
        seconds = time.time() - start
        if out.dtype != np.uint8:
            out = (np.clip(out, 0, 1) * 255 + 0.5).astype("u1")
        Image.fromarray(out).save(os.path.join(folder, name + ".png"))
        print(json.dumps({"peer": name, "seconds": round(seconds, 2)}), flush=True)

    if task in ("denoise", "dejpeg") and skimage:
        from skimage.restoration import denoise_nl_means, denoise_tv_chambolle, estimate_sigma
        sigma = float(np.mean(estimate_sigma(x, channel_axis=channel_axis)))
        peer("NLM", lambda: denoise_nl_means(x, h=0.6 * sigma, sigma=sigma, patch_size=5, patch_distance=6,
                                             fast_mode=True, channel_axis=channel_axis))
        peer("TV", lambda: denoise_tv_chambolle(x, weight=max(0.01, 1.2 * sigma), channel_axis=channel_axis))
    if task == "inpaint":
        hole = read("mask.png") <= 127
        if cv2:
            hole8 = hole.astype("u1") * 255
            peer("Telea", lambda: cv2.inpaint(damaged, hole8, 3, cv2.INPAINT_TELEA))
            peer("Navier-Stokes", lambda: cv2.inpaint(damaged, hole8, 3, cv2.INPAINT_NS))
        if skimage:
            from skimage.restoration import inpaint_biharmonic
            peer("biharmonic", lambda: inpaint_biharmonic(x, hole, channel_axis=channel_axis))


main(sys.argv[1], sys.argv[2])
