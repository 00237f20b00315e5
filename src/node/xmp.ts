import { DOMImplementation, DOMParser, type Element, XMLSerializer } from '@xmldom/xmldom';

const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';
const XML = 'http://www.w3.org/XML/1998/namespace';
const META = 'adobe:ns:meta/';

/** The properties that stay true of a restored picture, by namespace, and how XMP (ISO 16684-1) holds each. */
const KEPT: readonly { prefix: string; uri: string; names: Readonly<Record<string, Form>> }[] = [
  {
    prefix: 'dc',
    uri: 'http://purl.org/dc/elements/1.1/',
    names: { creator: 'Seq', rights: 'Alt', description: 'Alt', title: 'Alt', date: 'Seq' },
  },
  {
    prefix: 'xmp',
    uri: 'http://ns.adobe.com/xap/1.0/',
    names: { CreateDate: 'text', ModifyDate: 'text' },
  },
  {
    prefix: 'photoshop',
    uri: 'http://ns.adobe.com/photoshop/1.0/',
    names: { DateCreated: 'text', Credit: 'text' },
  },
  {
    prefix: 'tiff',
    uri: 'http://ns.adobe.com/tiff/1.0/',
    names: {
      Make: 'text',
      Model: 'text',
      Artist: 'text',
      Copyright: 'Alt',
      ImageDescription: 'Alt',
      DateTime: 'text',
    },
  },
  {
    prefix: 'exif',
    uri: 'http://ns.adobe.com/exif/1.0/',
    names: { DateTimeOriginal: 'text', DateTimeDigitized: 'text' },
  },
];

/** A text, or a list of them: in order, or in several languages. */
type Form = 'text' | 'Seq' | 'Alt';

/**
 * A fresh XMP packet with the kept properties of another: who made the picture, when, with what, whose it is and what it
 * shows. Orientation and sizes no longer hold; places, serial numbers, histories and thumbnails are left behind. Undefined
 * where the packet cannot be read.
 */
export function keptXmp(packet: string): string | undefined {
  const root = parse(packet);
  if (!root) return undefined;
  const sources = Array.from(root.getElementsByTagNameNS(RDF, 'Description'));
  const out = new DOMImplementation().createDocument(META, 'x:xmpmeta', null);
  const rdf = out.createElementNS(RDF, 'rdf:RDF');
  const description = out.createElementNS(RDF, 'rdf:Description');
  description.setAttributeNS(RDF, 'rdf:about', '');
  out.documentElement!.appendChild(rdf).appendChild(description);
  for (const { prefix, uri, names } of KEPT)
    for (const [name, form] of Object.entries(names)) {
      const texts = sources.map((source) => textsOf(source, uri, name)).find((found) => found.length > 0);
      if (texts) append(description, { qualified: `${prefix}:${name}`, uri, form, texts });
    }
  return new XMLSerializer().serializeToString(out);
}

function parse(packet: string): Element | undefined {
  const refuse = (level: string, message: string) => {
    if (level !== 'warning') throw new Error(message);
  };
  try {
    const xml = packet.replace(/^[^<]*|[^>]*$/g, '');
    return new DOMParser({ onError: refuse }).parseFromString(xml, 'text/xml').documentElement ?? undefined;
  } catch {
    return undefined;
  }
}

/** Of an attribute, an element, or the items of a list in one. */
function textsOf(source: Element, uri: string, name: string): string[] {
  const attribute = source.getAttributeNS(uri, name)?.trim();
  if (attribute) return [attribute];
  const element = Array.from(source.getElementsByTagNameNS(uri, name)).find(
    ({ parentNode }) => parentNode === source,
  );
  if (!element) return [];
  const items = Array.from(element.getElementsByTagNameNS(RDF, 'li'));
  const holders = items.length > 0 ? items : [element];
  return holders.map(({ textContent }) => textContent?.trim() ?? '').filter((text) => text !== '');
}

interface Property {
  readonly qualified: string;
  readonly uri: string;
  readonly form: Form;
  readonly texts: readonly string[];
}

function append(description: Element, { qualified, uri, form, texts }: Property): void {
  const document = description.ownerDocument!;
  const property = description.appendChild(document.createElementNS(uri, qualified));
  if (form === 'text') {
    property.textContent = texts[0];
    return;
  }
  const list = property.appendChild(document.createElementNS(RDF, `rdf:${form}`));
  // Other languages say the same again: the first, the default, is enough.
  for (const text of form === 'Alt' ? texts.slice(0, 1) : texts) {
    const item = document.createElementNS(RDF, 'rdf:li');
    list.appendChild(item);
    if (form === 'Alt') item.setAttributeNS(XML, 'xml:lang', 'x-default');
    item.textContent = text;
  }
}
