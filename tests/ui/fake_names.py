"""A name that tries everything a name should not be able to do."""

HOSTILE = (
    "<img src=x onerror=\"window.hacked=1;alert('x')\"><script>window.hacked=2</script>"
    "</script>${window.hacked=3}`{{7*7}}![p](http://example.org/p.png)[l](javascript:alert(1)):red[x]"
)
