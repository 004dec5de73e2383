// The strip above and below the page that a deployment asks for, in its own colours.

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef } from "react";
import { configurations } from "../api/small.ts";
import { banner as read, here } from "./deployment.ts";

export function BannerStrip(): ReactNode {
  const versions = useQuery({ queryKey: ["configuration"], queryFn: configurations, retry: false, staleTime: 300_000 });
  const banner = read(versions.data?.[0]?.configuration.systemBanner) ?? here.banner;
  const strip = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    // Colours are data; by this way they are values and never a style sheet.
    strip.current?.style.setProperty("color", banner?.color ?? "");
    strip.current?.style.setProperty("background-color", banner?.background ?? "");
  }, [banner?.color, banner?.background]);
  return banner ? <p ref={strip} className="banner">{banner.text}</p> : null;
}
