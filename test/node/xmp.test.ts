import { describe, expect, it } from 'vitest';
import { keptXmp } from '../../src/node/xmp.ts';

const packet = (body: string) => `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:t="http://ns.adobe.com/tiff/1.0/"
 xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:aux="http://ns.adobe.com/exif/1.0/aux/"
 xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/">${body}</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>`;

describe('XMP', () => {
  it('keeps who, when, with what and whose, as attributes or as elements, under any prefix', () => {
    const kept = keptXmp(
      packet(`<rdf:Description t:Make="Fox &amp; Sons" xmp:CreateDate="1865-01-01">
        <dc:creator><rdf:Seq><rdf:li>Felice Beato</rdf:li><rdf:li>&lt;unknown&gt;</rdf:li></rdf:Seq></dc:creator>
        <dc:rights><rdf:Alt><rdf:li xml:lang="x-default">none</rdf:li><rdf:li xml:lang="de">keine</rdf:li></rdf:Alt></dc:rights>
        </rdf:Description><rdf:Description><exif:DateTimeOriginal>1865-01-02</exif:DateTimeOriginal></rdf:Description>`),
    )!;
    for (const part of [
      'Felice Beato',
      '&lt;unknown',
      '>none<',
      '1865-01-01',
      '1865-01-02',
      'Fox &amp; Sons',
    ])
      expect(kept).toContain(part);
    expect(keptXmp(kept)).toBe(kept);
  });

  it('leaves out what no longer holds, and what is private', () => {
    const kept = keptXmp(
      packet(`<rdf:Description t:Orientation="6" t:ImageWidth="96" exif:PixelXDimension="96" exif:GPSLatitude="12,34.5N"
        aux:SerialNumber="0123456789" t:Model="Box">
        <xmp:Thumbnails><rdf:Alt><rdf:li>/9j/4AAQ</rdf:li></rdf:Alt></xmp:Thumbnails>
        <xmpMM:History><rdf:Seq><rdf:li xmp:CreateDate="2001-01-01" dc:creator="spy">saved</rdf:li></rdf:Seq></xmpMM:History>
        </rdf:Description>`),
    )!;
    expect(kept).toContain('Box');
    for (const part of [
      'Orientation',
      'Width',
      'Dimension',
      'GPS',
      'Serial',
      '0123',
      '9j',
      'saved',
      '2001',
      'spy',
    ])
      expect(kept).not.toContain(part);
  });

  it.each(['', 'no XML', '<x:xmpmeta><unclosed>', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])(
    'gives nothing for %s',
    (broken) => {
      expect(keptXmp(broken) ?? '').not.toMatch(/dc:|xmp:|c<\//);
    },
  );
});
