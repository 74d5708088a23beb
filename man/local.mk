MANPAGES_RST = \
	man/org.virtstop1.5.rst \
	man/virtstop-guests.8.rst \
	man/virtstop-hooks.5.rst \
	man/virtstop-libvirt-guests.8.rst \
	man/virtstop-ups.7.rst \
	man/virtstop.conf.5.rst \
	man/virtstopctl.1.rst \
	man/virtstopd.8.rst
EXTRA_DIST += $(MANPAGES_RST)

if HAVE_RST2MAN
man_MANS += $(MANPAGES_RST:.rst=)
endif
CLEANFILES += $(MANPAGES_RST:.rst=)

# No word is hyphenated: commands and names are to be found, and copied, as they are.
SUFFIXES = .rst
%: %.rst
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(RST2MAN) --strict $< $@.part && \
		$(AWK) '{ print } /^\.TH / { print ".nh" }' $@.part >$@ && rm $@.part
