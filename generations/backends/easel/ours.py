"""Drawings of our own, in the manner of the others, for things that the set lacks."""

from __future__ import annotations

OURS = {
    "hot air balloon": (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 42">'
        '<path d="M11 27l2 8M19 27l-2 8" stroke="#66574A" stroke-width=".7"/>'
        '<path d="M15 0C6 0 1 6.5 1 13.5C1 20 7 25 11 28.5h8C23 25 29 20 29 13.5C29 6.5 24 0 15 0z" fill="#DD2E44"/>'
        '<path d="M15 0C11 0 8.5 6 8.5 13.5S11 25 13 28.5h4C19 25 21.5 21 21.5 13.5S19 0 15 0z" fill="#FFCC4D"/>'
        '<path d="M15 0C13.5 0 12.5 6 12.5 13.5S13.5 25 14.3 28.5h1.4C16.5 25 17.5 21 17.5 13.5S16.5 0 15 0z" fill="#F4900C"/>'
        '<path d="M2 10q13 5 26 0v3.5q-13 5-26 0z" fill="#A0041E" opacity=".55"/>'
        '<path d="M11.5 35h7l-.7 6q-2.8 1.2-5.6 0z" fill="#A0704A"/><path d="M11 34.5h8v1.7h-8z" fill="#6F4A2E"/></svg>'
    ),
    "lighthouse": (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 50"><path d="M2 50q10-7 20 0z" fill="#7A6E66"/>'
        '<path d="M7.5 15h9l3.5 33h-16z" fill="#F5F8FA"/>'
        '<path d="M7 20.5h10l.7 6.5H6.3zM5.7 33h12.6l.8 7H4.9z" fill="#DD2E44"/>'
        '<path d="M5.5 13h13v2.5h-13z" fill="#4A5058"/><path d="M8 6.5h8V13H8z" fill="#FFE8A3"/>'
        '<path d="M8 6.5h1V13H8zM11.5 6.5h1V13h-1zM15 6.5h1V13h-1z" fill="#4A5058"/>'
        '<path d="M6.5 7Q8 2.5 12 1.5Q16 2.5 17.5 7z" fill="#BE1931"/><circle cx="12" cy="1.5" r="1.2" fill="#4A5058"/>'
        '<path d="M10.2 42h3.6v6h-3.6z" fill="#662113"/></svg>'
    ),
    "windmill": (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 44 52"><path d="M15 20h14l4 32H11z" fill="#E6D5B8"/>'
        '<path d="M11.7 46h20.6l.7 6H11z" fill="#B98F5F"/><path d="M14 20q8-11 16 0z" fill="#A0522D"/>'
        '<path d="M19 42h6v10h-6z" fill="#662113"/><path d="M20 27h4v5h-4z" fill="#3B88C3"/>'
        '<g fill="#F5F8FA" stroke="#7A5A3C" stroke-width=".8"><path d="M21.3 17L9 3l4-3 10 15z"/>'
        '<path d="M23 17.5L37 5l3 4-15.5 10z"/>'
        '<path d="M22.7 19L35 33l-4 3-10-15.5z"/>'
        '<path d="M21 18.5L7 31l-3-4 15.5-10z"/></g>'
        '<circle cx="22" cy="18" r="1.8" fill="#662113"/></svg>'
    ),
    "submarine": (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 52 30"><path d="M22 12V5q0-2 2-2h8q2 0 2 2v7z" fill="#F4B83C"/>'
        '<path d="M28 3V.8h4.5" fill="none" stroke="#66757F" stroke-width="1.6"/>'
        '<path d="M46 19l5-7v14z" fill="#D67503"/><rect x="2" y="10" width="46" height="18" rx="9" fill="#FFCC4D"/>'
        '<path d="M2.5 21h45Q45 28 38 28H12Q4.5 28 2.5 21z" fill="#F4900C"/>'
        '<g fill="#BBDDF5" stroke="#66757F" stroke-width="1.5"><circle cx="12" cy="17" r="3.2"/><circle cx="22" cy="17" r="3.2"/>'
        '<circle cx="32" cy="17" r="3.2"/></g></svg>'
    ),
    "fence": (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 26"><path d="M0 9h60v3.5H0zM0 18h60v3.5H0z" fill="#A0704A"/>'
        '<path d="M3 4l3-4 3 4v22H3zM15 4l3-4 3 4v22h-6zM27 4l3-4 3 4v22h-6zM39 4l3-4 3 4v22h-6zM51 4l3-4 3 4v22h-6z" '
        'fill="#C1905F"/></svg>'
    ),
    "bridge": (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 26">'
        '<path d="M0 12Q32-6 64 12v14H56Q54 14 44 14T34 26h-4Q28 14 20 14T8 26H0z" '
        'fill="#B0A79C"/><path d="M0 12Q32-6 64 12v3Q32-3 0 15z" fill="#8C8278"/></svg>'
    ),
}
"""SVG files by name; the name takes the place of the emoji."""
