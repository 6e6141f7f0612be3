() => {
  const e = document.activeElement;
  const marked = at => {
    const style = getComputedStyle(at);
    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
  };
  const ring = [e, e.parentElement, (e.parentElement || e).parentElement].filter(Boolean);
  return {
    tag: e.tagName,
    words: (e.innerText || e.getAttribute('aria-label') || '').trim(),
    key: (e.closest('[class*="st-key-"]') || {className: ''}).className,
    card: Boolean(e.closest('.rc-card')),
    seen: ring.some(marked) || Boolean(e.closest('[data-testid="stDataFrame"]')),
  };
}
